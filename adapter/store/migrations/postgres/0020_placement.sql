-- As `migrations/0021_placement.sql`.
CREATE TABLE placement (
    episode TEXT NOT NULL COLLATE "C",
    type    TEXT NOT NULL COLLATE "C",
    id      TEXT NOT NULL COLLATE "C",
    PRIMARY KEY (episode, type, id)
);
CREATE INDEX placement_patient ON placement (id) WHERE type = 'Patient';
