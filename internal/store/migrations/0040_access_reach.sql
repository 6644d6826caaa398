-- +goose Up

-- Who reaches which case, and how. holder is a person or a unit; a case given to
-- a unit is reached from the units above it too, one row each. until_at is the
-- largest number when there is no end. A row 'withheld' mirrors access_withhold,
-- so that no list counts what its reader may not see.
CREATE TABLE access_reach (
    case_id  BYTEA  NOT NULL,
    holder   BYTEA  NOT NULL,
    relation TEXT   NOT NULL CHECK (relation IN ('lead', 'helper', 'unit', 'withheld')),
    from_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (case_id, holder)
); -- clustered

-- On SQLite the index holds the primary key as well; on PostgreSQL its few
-- distinct values are stored once for many rows.
CREATE INDEX access_reach_holder ON access_reach (holder, until_at);

-- Lawful bases, consents and assents in force for a case, per purpose.
CREATE TABLE access_permit (
    case_id  BYTEA  NOT NULL,
    purpose  TEXT   NOT NULL,
    basis    TEXT   NOT NULL,
    from_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (case_id, purpose, basis)
); -- clustered

-- From whom a case is withheld: beats every role and every consent.
CREATE TABLE access_withhold (
    case_id  BYTEA  NOT NULL,
    holder   BYTEA  NOT NULL,
    from_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    PRIMARY KEY (case_id, holder)
); -- clustered

-- Forms already carried out, with what they made: a form sent twice does its
-- work once. There is no index by time: every command would write it, and the
-- housekeeping can go through the table piece by piece.
CREATE TABLE access_command (
    command BYTEA  NOT NULL PRIMARY KEY,
    actor   BYTEA,
    action  TEXT   NOT NULL,
    result  TEXT   NOT NULL,
    at      BIGINT NOT NULL
); -- clustered
