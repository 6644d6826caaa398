-- +goose Up

-- Threads of which everything was destroyed here, with the case that it was about. What was
-- on its way then, or comes later, is destroyed as soon as it was handled. Kept for good: it
-- leads to no child.
CREATE TABLE exchange_erased (
    at     BIGINT NOT NULL CHECK (at > 0),
    thread BYTEA  PRIMARY KEY CHECK (length(thread) = 16)
);

-- Messages whose content is kept until a day: the one that their label names, or, of what was
-- not acted on, the one that this node gives it. ended: when it was destroyed, 0 for not yet.
CREATE TABLE exchange_term (
    until  BIGINT NOT NULL CHECK (until > 0),
    ended  BIGINT NOT NULL CHECK (ended >= 0),
    node   TEXT   NOT NULL,
    side   TEXT   NOT NULL CHECK (side IN ('ours', 'theirs')),
    thread BYTEA  NOT NULL CHECK (length(thread) = 16),
    id     BYTEA  NOT NULL CHECK (length(id) = 16),
    expiry TEXT   NOT NULL CHECK (expiry IN ('erase', 'anonymise')),
    PRIMARY KEY (node, side, id)
);
CREATE INDEX exchange_term_due ON exchange_term (ended, until);
