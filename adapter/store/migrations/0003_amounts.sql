-- Numbers and quantities as intervals [low, high], mostly of one point. `unit` is the token of the unit's code and `said`
-- its text; `code` is the form of the code that the value belongs to where a composite pairs them, else ''.
CREATE TABLE amount (
    parameter INTEGER NOT NULL,
    sort      INTEGER NOT NULL,
    vid       INTEGER NOT NULL,
    code      TEXT    NOT NULL,
    low       REAL    NOT NULL,
    high      REAL    NOT NULL,
    unit      TEXT    NOT NULL,
    said      TEXT    NOT NULL,
    from_t    INTEGER NOT NULL,
    until_t   INTEGER,
    PRIMARY KEY (parameter, sort, vid, code, low, high, unit, said)
) STRICT, WITHOUT ROWID;
