-- +goose Up

-- The ledger: what every envelope was answered with, for good.
CREATE TABLE exchange_ledger (
    dropped BOOLEAN NOT NULL,
    node    TEXT    NOT NULL,
    id      BYTEA   NOT NULL CHECK (length(id) = 16),
    content BYTEA   NOT NULL CHECK (length(content) = 32),
    receipt BYTEA   NOT NULL,
    PRIMARY KEY (node, id)
);

-- Threads that were stopped because two items claimed one place.
CREATE TABLE exchange_frozen (
    at     BIGINT NOT NULL,
    node   TEXT   NOT NULL,
    thread BYTEA  NOT NULL CHECK (length(thread) = 16),
    PRIMARY KEY (node, thread)
);

-- Items that could not stand at their place, as proof.
CREATE TABLE exchange_proof (
    at      BIGINT NOT NULL,
    seq     BIGINT NOT NULL,
    epoch   BIGINT NOT NULL,
    node    TEXT   NOT NULL,
    side    TEXT   NOT NULL,
    thread  BYTEA  NOT NULL CHECK (length(thread) = 16),
    stream  TEXT   NOT NULL,
    id      BYTEA  NOT NULL CHECK (length(id) = 16),
    content BYTEA  NOT NULL CHECK (length(content) = 32),
    PRIMARY KEY (node, side, id, content)
);
