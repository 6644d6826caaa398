-- +goose Up

-- The key of one subject, wrapped under an epoch key. Subject, kind and epoch
-- are bound into the wrapping; the commitment also stands in the journal entry
-- that created the subject.
CREATE TABLE keys_subject (
    epoch      BIGINT NOT NULL CHECK (epoch > 0),
    subject    BYTEA  NOT NULL PRIMARY KEY CHECK (length(subject) = 16),
    kind       TEXT   NOT NULL CHECK (kind <> ''),
    wrapped    BYTEA  NOT NULL,
    commitment BYTEA  NOT NULL CHECK (length(commitment) = 32)
); -- clustered

-- Rewrapping walks through what is left under an old epoch key. On SQLite the
-- index holds the primary key as well; on PostgreSQL its few distinct values are
-- stored once for many rows.
CREATE INDEX keys_subject_epoch ON keys_subject (epoch);
