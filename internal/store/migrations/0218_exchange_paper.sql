-- +goose Up

-- What lies behind the places: drafts and letters sealed under a key of their own, which
-- is gone with its salt; envelopes as they travel; headers and receipts as they were
-- signed.
CREATE TABLE exchange_paper (
    at   BIGINT NOT NULL CHECK (at > 0),
    node TEXT   NOT NULL,
    side TEXT   NOT NULL CHECK (side IN ('ours', 'theirs')),
    id   BYTEA  NOT NULL CHECK (length(id) = 16),
    kind TEXT   NOT NULL CHECK (kind IN ('draft', 'letter', 'envelope', 'header', 'stored', 'opened')),
    salt BYTEA  NOT NULL,
    body BYTEA  NOT NULL,
    PRIMARY KEY (node, side, id, kind)
);
