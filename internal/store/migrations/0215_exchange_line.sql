-- +goose Up

-- The epoch of this database in the exchange. Lower than the one in the keyring, the
-- database was put back from a backup.
CREATE TABLE exchange_epoch (
    epoch BIGINT NOT NULL CHECK (epoch > 0),
    one   BIGINT PRIMARY KEY CHECK (one = 1)
);

-- How far this node has come with a peer since it started, and what it knows of the
-- peer's epoch and journal. odd_at: since when its epoch is looked at, 0 for not.
CREATE TABLE exchange_line (
    epoch      BIGINT  NOT NULL CHECK (epoch >= 0),
    rose_at    BIGINT  NOT NULL,
    seen_epoch BIGINT  NOT NULL,
    seen_size  BIGINT  NOT NULL,
    odd_at     BIGINT  NOT NULL,
    met_at     BIGINT  NOT NULL,
    hold       BOOLEAN NOT NULL,
    node       TEXT    PRIMARY KEY,
    meeting    TEXT    NOT NULL CHECK (meeting IN ('', 'recovering', 'ready'))
);
