UPDATE sent SET staged = 0 WHERE task = :task AND staged = 1 AND instr(:kept, ' ' || type || ' ') = 0
