-- +goose Up

-- Nodes of other countries and organisations: who they are, who of us added and confirmed
-- them, what may pass, and whether we exchange with them now. About no child. A removed
-- one keeps its row: an id is never given to another node. state_by is NULL where the
-- program itself set the state.
CREATE TABLE exchange_peer (
    version      BIGINT NOT NULL CHECK (version > 0),
    added_at     BIGINT NOT NULL CHECK (added_at > 0),
    confirmed_at BIGINT NOT NULL,
    state_at     BIGINT NOT NULL CHECK (state_at > 0),
    added_by     BYTEA  NOT NULL CHECK (length(added_by) = 16),
    confirmed_by BYTEA,
    state_by     BYTEA,
    node         TEXT   PRIMARY KEY CHECK (length(node) BETWEEN 4 AND 64),
    country      TEXT   NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('waiting', 'ok', 'watch', 'quarantined', 'removed')),
    why          TEXT   NOT NULL,
    card         BYTEA  NOT NULL,
    terms        BYTEA  NOT NULL,
    proposed     BYTEA  NOT NULL,
    pair         BYTEA  NOT NULL,
    row_mac      BYTEA  NOT NULL CHECK (length(row_mac) = 16)
);
