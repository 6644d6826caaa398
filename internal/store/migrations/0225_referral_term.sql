-- +goose Up

-- Under which conditions what passed in a thread between two nodes is kept: those with which
-- it was sent, and every one that its sender made stricter since.
CREATE TABLE referral_term (
    keep_until BIGINT,
    ended_at   BIGINT,
    version    BIGINT NOT NULL,
    case_id    BYTEA  NOT NULL,
    id         BYTEA  NOT NULL,
    handling   TEXT   NOT NULL,
    onward     TEXT   NOT NULL,
    nodes      TEXT   NOT NULL,
    court      TEXT   NOT NULL,
    roles      TEXT   NOT NULL,
    flags      TEXT   NOT NULL,
    expiry     TEXT   NOT NULL,
    outcome    TEXT,
    row_mac    BYTEA  NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered

-- Threads between two nodes whose case was erased here: what the other node was asked or told
-- because of it, and what it answered. Random ids, days and codes: it leads to no child.
CREATE TABLE referral_gone (
    at       BIGINT NOT NULL,
    answered BIGINT NOT NULL,
    wire     BYTEA  NOT NULL,
    asked    BYTEA  NOT NULL,
    peer     TEXT   NOT NULL,
    side     TEXT   NOT NULL CHECK (side IN ('sent', 'received')),
    outcome  TEXT   NOT NULL,
    PRIMARY KEY (peer, wire, side)
); -- clustered
CREATE INDEX referral_gone_at ON referral_gone (at);
