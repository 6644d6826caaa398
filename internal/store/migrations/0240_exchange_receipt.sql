-- +goose Up

-- What became of messages of peers, as they are to be told: signed first, then brought.
-- tried counts how often it was brought or handed out.
CREATE TABLE exchange_receipt (
    queued  BIGINT  NOT NULL CHECK (queued > 0),
    next_at BIGINT  NOT NULL,
    tried   BIGINT  NOT NULL CHECK (tried >= 0),
    signed  BOOLEAN NOT NULL,
    node    TEXT    NOT NULL,
    id      BYTEA   NOT NULL CHECK (length(id) = 16),
    thread  BYTEA   NOT NULL CHECK (length(thread) = 16),
    stage   TEXT    NOT NULL CHECK (stage IN ('opened', 'unreadable', 'refused')),
    code    TEXT    NOT NULL,
    unmet   TEXT    NOT NULL,
    PRIMARY KEY (node, id)
);
CREATE INDEX exchange_receipt_due ON exchange_receipt (node, signed, next_at);

-- What peers say became of our messages.
CREATE TABLE exchange_opened (
    at     BIGINT NOT NULL CHECK (at > 0),
    node   TEXT   NOT NULL,
    id     BYTEA  NOT NULL CHECK (length(id) = 16),
    stage  TEXT   NOT NULL CHECK (stage IN ('opened', 'unreadable', 'refused')),
    code   TEXT   NOT NULL,
    unmet  TEXT   NOT NULL,
    PRIMARY KEY (node, id)
);
CREATE INDEX exchange_opened_stage ON exchange_opened (stage, at);
