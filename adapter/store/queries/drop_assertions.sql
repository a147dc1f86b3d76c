DELETE FROM assertion WHERE until_ms < :now
