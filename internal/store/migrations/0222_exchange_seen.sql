-- +goose Up

-- What somebody has seen to of messages that went wrong: it is not shown any more. What
-- went wrong stays where it is.
CREATE TABLE exchange_seen (
    at    BIGINT NOT NULL CHECK (at > 0),
    staff BYTEA  NOT NULL CHECK (length(staff) = 16),
    node  TEXT   NOT NULL,
    side  TEXT   NOT NULL CHECK (side IN ('ours', 'theirs')),
    id    BYTEA  NOT NULL CHECK (length(id) = 16),
    PRIMARY KEY (node, side, id)
);
