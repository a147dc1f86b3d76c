-- Of whom a consent has been written since a version number.
SELECT DISTINCT w.patients FROM version w WHERE w.type = 'Consent' AND w.vid >= :first
