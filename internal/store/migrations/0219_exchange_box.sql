-- +goose Up

-- The outbox: what waits for a number (placed false), what is tried again when, and what
-- a person must look at (code of a refusal, stopped).
CREATE TABLE exchange_outbox (
    n        BIGINT  NOT NULL,
    queued   BIGINT  NOT NULL,
    first_at BIGINT  NOT NULL,
    next_at  BIGINT  NOT NULL,
    expires  BIGINT  NOT NULL,
    tried    BIGINT  NOT NULL,
    cover    BIGINT  NOT NULL,
    resend   BIGINT  NOT NULL,
    placed   BOOLEAN NOT NULL,
    stopped  BOOLEAN NOT NULL,
    node     TEXT    NOT NULL,
    id       BYTEA   NOT NULL CHECK (length(id) = 16),
    thread   BYTEA   NOT NULL CHECK (length(thread) = 16),
    stream   TEXT    NOT NULL CHECK (stream IN ('cmd', 'status')),
    type     TEXT    NOT NULL,
    code     TEXT    NOT NULL,
    ekey     BYTEA   NOT NULL,
    PRIMARY KEY (node, id)
);
CREATE INDEX exchange_outbox_order ON exchange_outbox (node, placed, n);

-- The inbox: what came and what became of it. open: it waits to be acted on.
CREATE TABLE exchange_inbox (
    came   BIGINT NOT NULL,
    opened BIGINT NOT NULL,
    node   TEXT   NOT NULL,
    id     BYTEA  NOT NULL CHECK (length(id) = 16),
    thread BYTEA  NOT NULL CHECK (length(thread) = 16),
    class  TEXT   NOT NULL,
    state  TEXT   NOT NULL CHECK (state IN ('stored', 'opened', 'refused', 'unreadable')),
    code   TEXT   NOT NULL,
    PRIMARY KEY (node, id)
);
CREATE INDEX exchange_inbox_state ON exchange_inbox (state, node, came);
