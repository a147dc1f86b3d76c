-- The last version number and logical time used, and the time (ms) of that commit.
SELECT vid, t, now_ms FROM clock
