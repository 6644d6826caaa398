-- +goose Up

-- The logs of other nodes that this node witnesses: what it cosigned last in each epoch of
-- theirs. A cosignature leaves only after the row was swapped on size and root. A row that was
-- learned in an earlier epoch of our own log is older than a restore of ours: it has to be
-- learned again.
CREATE TABLE journal_witnessed (
    log      TEXT   NOT NULL, -- name of the node in its origin
    epoch    BIGINT NOT NULL,
    size     BIGINT NOT NULL CHECK (size >= 0),
    root     BYTEA  NOT NULL,
    cosigned BIGINT NOT NULL, -- seconds: time of the newest cosignature, 0 for none
    learned  BIGINT NOT NULL, -- epoch of our own log
    note     TEXT   NOT NULL, -- the log's signed checkpoint of that size, '' for none
    PRIMARY KEY (log, epoch)
);

-- Restores that those logs told of, with how many entries we knew are lost by it.
CREATE TABLE journal_witnessed_restore (
    log       TEXT   NOT NULL,
    epoch     BIGINT NOT NULL,
    seen      BIGINT NOT NULL,
    lost      BIGINT NOT NULL,
    statement TEXT   NOT NULL,
    PRIMARY KEY (log, epoch)
);

-- What those logs signed and we refused, with what we knew then: evidence.
CREATE TABLE journal_witnessed_refusal (
    log    TEXT   NOT NULL,
    digest BYTEA  NOT NULL, -- of kind and signed note: the same comes once
    kind   TEXT   NOT NULL CHECK (kind IN ('rollback', 'rewrite', 'fork', 'closed', 'statement')),
    at     BIGINT NOT NULL,
    size   BIGINT NOT NULL, -- that we knew
    known  TEXT   NOT NULL, -- signed checkpoint or statement that we knew, '' for none
    body   TEXT   NOT NULL, -- the request as it came
    PRIMARY KEY (log, digest)
);
