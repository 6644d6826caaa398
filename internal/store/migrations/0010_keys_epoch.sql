-- +goose Up

-- The life of each epoch key. The key itself is in the keyring file; the
-- commitment tells whether a keyring is the one that belongs to this database.
CREATE TABLE keys_epoch (
    epoch        BIGINT NOT NULL PRIMARY KEY CHECK (epoch > 0),
    commitment   BYTEA  NOT NULL CHECK (length(commitment) = 32),
    created_at   BIGINT NOT NULL,  -- first used
    retired_at   BIGINT,           -- its successor is in use since
    unused_at    BIGINT,           -- since then no row was found that uses it
    destroyed_at BIGINT,
    CHECK (destroyed_at IS NULL OR retired_at IS NOT NULL)
);
