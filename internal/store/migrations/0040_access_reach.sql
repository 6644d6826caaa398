-- +goose Up

-- Who reaches a case is evidence like the case itself. Each row of the first three
-- tables has a random identifier, under which the journal names it without naming
-- the holder; a version, raised by each change; and a digest over its columns
-- under the key of the case. A row without them was not written by this program.
--
-- A row that was ended has until_at 0: it counts at no time, whatever the clock
-- shows. from_at is for people to read and decides nothing.
--
-- Numbers stand before texts: PostgreSQL then needs no padding between them, here
-- and in every table that has a row for each case.

-- Who reaches which case, and how. holder is a person or a unit; a case given to
-- a unit is reached from the units above it too, one row each. until_at is the
-- largest number when there is no end. A row 'withheld' mirrors access_withhold,
-- so that no list counts what its reader may not see.
CREATE TABLE access_reach (
    from_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    version  BIGINT NOT NULL DEFAULT 0,
    case_id  BYTEA  NOT NULL,
    holder   BYTEA  NOT NULL,
    relation TEXT   NOT NULL CHECK (relation IN ('lead', 'helper', 'unit', 'withheld')),
    id       BYTEA,
    row_mac  BYTEA,
    PRIMARY KEY (case_id, holder)
); -- clustered

-- On SQLite the index holds the primary key as well; on PostgreSQL its few
-- distinct values are stored once for many rows.
CREATE INDEX access_reach_holder ON access_reach (holder, until_at);

-- Lawful bases, consents and assents in force for a case, per purpose.
CREATE TABLE access_permit (
    from_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    version  BIGINT NOT NULL DEFAULT 0,
    case_id  BYTEA  NOT NULL,
    purpose  TEXT   NOT NULL,
    basis    TEXT   NOT NULL,
    id       BYTEA,
    row_mac  BYTEA,
    PRIMARY KEY (case_id, purpose, basis)
); -- clustered

-- The cases that were reopened in an emergency and that no supervisor has
-- confirmed yet: few at any time.
CREATE INDEX access_permit_emergency ON access_permit (case_id) WHERE purpose = 'emergency' AND until_at > 0;

-- From whom a case is withheld: beats every role and every consent.
CREATE TABLE access_withhold (
    from_at  BIGINT NOT NULL,
    until_at BIGINT NOT NULL,
    version  BIGINT NOT NULL DEFAULT 0,
    case_id  BYTEA  NOT NULL,
    holder   BYTEA  NOT NULL,
    id       BYTEA,
    row_mac  BYTEA,
    PRIMARY KEY (case_id, holder)
); -- clustered

-- Forms already carried out, with what they made: a form sent twice does its
-- work once. There is no index by time: every command would write it, and the
-- housekeeping can go through the table piece by piece.
CREATE TABLE access_command (
    at      BIGINT NOT NULL,
    command BYTEA  NOT NULL PRIMARY KEY,
    actor   BYTEA,
    action  TEXT   NOT NULL,
    result  TEXT   NOT NULL
); -- clustered
