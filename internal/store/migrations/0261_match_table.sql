-- +goose Up

-- The tables of children that are prepared for other nodes: one for each agreement in which
-- this node is asked, and epoch. Nothing of them outlives its epoch.
CREATE TABLE match_table (
    epoch     BIGINT NOT NULL CHECK (epoch > 0),
    started   BIGINT NOT NULL,
    changed   BIGINT NOT NULL,
    children  BIGINT NOT NULL, -- that are in it
    sent      BIGINT NOT NULL, -- parts
    back      BIGINT NOT NULL, -- parts that came back
    parts     BIGINT NOT NULL,
    agreement BYTEA  NOT NULL CHECK (length(agreement) = 16),
    state     TEXT   NOT NULL CHECK (state IN ('gathering', 'sending', 'sent', 'ready', 'full')),
    PRIMARY KEY (agreement, epoch)
); -- clustered

-- The children who are in a table, by codes of their names, sealed under a key that ends
-- with the epoch.
CREATE TABLE match_entry (
    epoch     BIGINT NOT NULL,
    agreement BYTEA  NOT NULL,
    case_id   BYTEA  NOT NULL CHECK (length(case_id) = 16),
    sealed    BYTEA  NOT NULL,
    PRIMARY KEY (agreement, epoch, case_id)
); -- clustered
CREATE INDEX match_entry_case ON match_entry (case_id);

-- The parts of a table: which key stands where, and once the part came back, by which tag
-- it is found; both sealed under a key that ends with the epoch. On the asker's side a row says
-- that the part was raised, once; it holds nothing.
CREATE TABLE match_part (
    epoch     BIGINT NOT NULL,
    part      BIGINT NOT NULL CHECK (part >= 0),
    at        BIGINT NOT NULL,
    agreement BYTEA  NOT NULL,
    places    BYTEA  NOT NULL,
    tags      BYTEA  NOT NULL,
    PRIMARY KEY (agreement, epoch, part)
); -- clustered
