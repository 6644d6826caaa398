-- +goose Up

-- What a command writes in its own transaction: one row, taken away again by
-- the sequencer. entry_id begins with the time, so neighbours share a page.
CREATE TABLE journal_pending (
    entry_id BYTEA  NOT NULL PRIMARY KEY,
    header   BYTEA  NOT NULL,
    sealed   BYTEA
); -- clustered

-- The log. idx is the position of the leaf in the tree; a row is never changed,
-- except that erasure empties sealed.
CREATE TABLE journal_entry (
    idx      BIGINT NOT NULL PRIMARY KEY CHECK (idx >= 0),
    entry_id BYTEA  NOT NULL,
    header   BYTEA  NOT NULL,
    sealed   BYTEA
);
CREATE UNIQUE INDEX journal_entry_id ON journal_entry (entry_id);

-- Which entries are about which subject; read by "who looked".
CREATE TABLE journal_subject (
    subject BYTEA  NOT NULL,
    idx     BIGINT NOT NULL,
    PRIMARY KEY (subject, idx)
); -- clustered

-- The newest writing entry of each subject: the next one names it.
CREATE TABLE journal_chain (
    length  BIGINT NOT NULL,
    subject BYTEA  NOT NULL PRIMARY KEY,
    head    BYTEA  NOT NULL
); -- clustered

CREATE TABLE journal_tile (
    level BIGINT NOT NULL,
    n     BIGINT NOT NULL,
    data  BYTEA  NOT NULL,
    PRIMARY KEY (level, n)
);

-- One row: how large the tree is, its root and the right edge.
CREATE TABLE journal_head (
    log      TEXT   NOT NULL PRIMARY KEY,
    size     BIGINT NOT NULL,
    root     BYTEA  NOT NULL,
    frontier BYTEA  NOT NULL,
    last_at  BIGINT NOT NULL
);

CREATE TABLE journal_checkpoint (
    epoch BIGINT NOT NULL,
    size  BIGINT NOT NULL,
    at    BIGINT NOT NULL,
    note  TEXT   NOT NULL,
    PRIMARY KEY (epoch, size)
);

-- A restore opens a new epoch: the log goes on, under a new name, after a
-- signed statement of what was lost.
CREATE TABLE journal_epoch (
    epoch      BIGINT NOT NULL PRIMARY KEY,
    start_size BIGINT NOT NULL,
    opened_at  BIGINT NOT NULL,
    statement  TEXT   NOT NULL
);
