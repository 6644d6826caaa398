-- +goose Up

-- What a restore took of ours and a node gave back, until its room was told: in the order
-- in which it came, with the ids of the messages that are not sent because of it, one
-- behind the other. An item leaves in the transaction in which the room takes note of it.
CREATE TABLE exchange_back (
    n       BIGINT NOT NULL,
    node    TEXT   NOT NULL,
    id      BYTEA  NOT NULL CHECK (length(id) = 16),
    dropped BYTEA  NOT NULL,
    PRIMARY KEY (node, id)
);
