-- +goose Up

-- One form that was filled in without a network: received sealed, then filed in its
-- author's name, or waiting for somebody to decide. sealed holds what was written;
-- it is removed when the form is filed or discarded, the rest of the row stays, so
-- that a phone that sends it again is told that it is here. meant_for is the case
-- that a waiting form names: when that is erased, so is the form.
CREATE TABLE intake_capture (
    received_at BIGINT NOT NULL,
    settled_at  BIGINT,
    version     BIGINT NOT NULL,
    id          BYTEA  NOT NULL PRIMARY KEY,
    author      BYTEA  NOT NULL,
    unit        BYTEA  NOT NULL,
    sent_by     BYTEA  NOT NULL,
    settled_by  BYTEA,
    meant_for   BYTEA,
    kind        TEXT   NOT NULL,
    state       TEXT   NOT NULL CHECK (state IN ('received', 'waiting', 'filed', 'discarded')),
    reason      TEXT   NOT NULL,
    digest      BYTEA  NOT NULL,
    sealed      BYTEA
); -- clustered
CREATE INDEX intake_capture_open ON intake_capture (state, received_at, id);
