-- +goose Up

-- Which entry of our journal has a leaf that receipts of ours name.
CREATE TABLE exchange_leaf (
    leaf  BYTEA PRIMARY KEY CHECK (length(leaf) = 32),
    entry BYTEA NOT NULL CHECK (length(entry) = 16)
);

-- The leaves that receipts of peers name, and the proof that each stands in the peer's
-- journal, '' until the peer gave it. asked: when it was last asked for, 0 for never.
CREATE TABLE exchange_logged (
    asked BIGINT NOT NULL,
    node  TEXT   NOT NULL,
    leaf  BYTEA  NOT NULL CHECK (length(leaf) = 32),
    proof TEXT   NOT NULL,
    PRIMARY KEY (node, leaf)
);
CREATE INDEX exchange_logged_open ON exchange_logged (node, asked) WHERE proof = '';
