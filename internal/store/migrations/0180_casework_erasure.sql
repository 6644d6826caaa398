-- +goose Up

-- Wishes that a case be erased. Two people other than whoever asked agree, one after
-- the other; with the second the case is gone, and this row with it. What was written
-- lies sealed in the case's events.
CREATE TABLE casework_erasure (
    asked_at   BIGINT NOT NULL,
    agreed_at  BIGINT,
    decided_at BIGINT,
    version    BIGINT NOT NULL,
    case_id    BYTEA  NOT NULL,
    id         BYTEA  NOT NULL,
    ground     TEXT   NOT NULL,
    wish       TEXT   NOT NULL,
    state      TEXT   NOT NULL CHECK (state IN ('asked', 'agreed', 'refused')),
    refusal    TEXT,
    asker_id   BYTEA  NOT NULL,
    first_id   BYTEA,
    refuser_id BYTEA,
    row_mac    BYTEA  NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered

-- What waits for the first or the second person: few rows at any time.
CREATE INDEX casework_erasure_waits ON casework_erasure (asked_at, case_id, id) WHERE state <> 'refused';

-- Which cases were erased on somebody's wish, by random identifier: whoever asked tells
-- the child until when an older backup may still hold the file.
CREATE TABLE casework_erased (
    at       BIGINT NOT NULL,
    case_id  BYTEA  NOT NULL PRIMARY KEY,
    asker_id BYTEA  NOT NULL,
    ground   TEXT   NOT NULL
); -- clustered
CREATE INDEX casework_erased_at ON casework_erased (at, case_id);
