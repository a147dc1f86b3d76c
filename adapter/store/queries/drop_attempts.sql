DELETE FROM attempt WHERE last_ms < :before
