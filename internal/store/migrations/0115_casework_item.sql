-- +goose Up

-- Flags and tasks of a case. kind says of a flag its reason and of a task whom it
-- is for; about names the conference a task was decided in. due NULL is a flag
-- without a date. The words are sealed and never change; a row ends once and is kept.
CREATE TABLE casework_flag (
    at       BIGINT NOT NULL,
    due      BIGINT,
    ended_at BIGINT,
    version  BIGINT NOT NULL,
    case_id  BYTEA  NOT NULL,
    id       BYTEA  NOT NULL,
    kind     TEXT   NOT NULL,
    state    TEXT   NOT NULL CHECK (state IN ('open', 'resolved')),
    owner_id BYTEA,
    about    BYTEA,
    author   BYTEA  NOT NULL,
    sealed   BYTEA  NOT NULL,
    row_mac  BYTEA  NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered

-- The marks of a list: few rows at any time.
CREATE INDEX casework_flag_open ON casework_flag (case_id) WHERE state = 'open';

CREATE TABLE casework_task (
    at       BIGINT NOT NULL,
    due      BIGINT,
    ended_at BIGINT,
    version  BIGINT NOT NULL,
    case_id  BYTEA  NOT NULL,
    id       BYTEA  NOT NULL,
    kind     TEXT   NOT NULL CHECK (kind IN ('lead', 'helper', 'supervisor')),
    state    TEXT   NOT NULL CHECK (state IN ('open', 'done', 'impossible')),
    owner_id BYTEA,
    about    BYTEA,
    author   BYTEA  NOT NULL,
    sealed   BYTEA  NOT NULL,
    row_mac  BYTEA  NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered
