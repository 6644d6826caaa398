-- +goose Up

-- Threads from other nodes whose case was erased here, because nobody took the child on:
-- how each ended, so that a late command has its answer. It leads to no child.
CREATE TABLE referral_over (
    at       BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    wire     BYTEA  NOT NULL,
    peer     TEXT   NOT NULL,
    state    TEXT   NOT NULL,
    PRIMARY KEY (peer, wire)
); -- clustered
