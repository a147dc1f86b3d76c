-- Where part 2 protects some episodes and not others: the records that point to an episode in any of their versions, that
-- episode itself, and the Patients whom it was ever about. Rows are never dropped: what was once said can still be read.
CREATE TABLE placement (
    episode TEXT NOT NULL,
    type    TEXT NOT NULL,
    id      TEXT NOT NULL,
    PRIMARY KEY (episode, type, id)
) STRICT, WITHOUT ROWID;

-- Those of a Patient, who points to none.
CREATE INDEX placement_patient ON placement (id) WHERE type = 'Patient';
