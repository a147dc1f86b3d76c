SELECT 1 FROM version v WHERE v.vid = :vid AND ({predicate})
