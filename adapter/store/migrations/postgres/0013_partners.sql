-- As `migrations/0014_partners.sql`.

CREATE TABLE partner (
    name         TEXT    COLLATE "C" PRIMARY KEY,
    organization TEXT    NOT NULL,
    base         TEXT    NOT NULL,
    client       TEXT,
    key_file     TEXT,
    scope        TEXT    NOT NULL,
    quirks       TEXT    NOT NULL,
    hosts        TEXT    NOT NULL,
    enabled      BIGINT  NOT NULL,
    made_ms      BIGINT  NOT NULL
);

CREATE TABLE partner_record (
    partner        TEXT    COLLATE "C" NOT NULL,
    type           TEXT    COLLATE "C" NOT NULL,
    remote         TEXT    COLLATE "C" NOT NULL,
    id             TEXT    COLLATE "C" NOT NULL,
    remote_version TEXT,
    version        BIGINT  NOT NULL,
    theirs         BIGINT  NOT NULL,
    PRIMARY KEY (partner, type, remote)
);

CREATE UNIQUE INDEX partner_record_ours ON partner_record (partner, type, id);

CREATE TABLE partner_mark (
    partner TEXT COLLATE "C" NOT NULL,
    type    TEXT COLLATE "C" NOT NULL,
    mark    TEXT NOT NULL,
    PRIMARY KEY (partner, type)
);
