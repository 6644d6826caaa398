-- +goose Up

-- What this node's recovery pair signed: its schedules by serial, its cards by the serial
-- of their schedule, its revocations by number. All of it is meant for others to read.
CREATE TABLE exchange_self (
    serial  BIGINT NOT NULL CHECK (serial > 0),
    at      BIGINT NOT NULL CHECK (at > 0),
    kind    TEXT   NOT NULL CHECK (kind IN ('schedule', 'card', 'revoke')),
    body    BYTEA  NOT NULL,
    row_mac BYTEA  NOT NULL CHECK (length(row_mac) = 16),
    PRIMARY KEY (kind, serial)
);
