-- +goose Up

-- One import of cases from a file, kept until its report expires. sealed holds
-- the file's name, the key of its spool, how it is read and the key of its marks;
-- seals counts how often it was sealed.
CREATE TABLE intake_import (
    id         BYTEA  NOT NULL PRIMARY KEY,
    started_by BYTEA  NOT NULL,
    state      TEXT   NOT NULL CHECK (state IN ('uploaded', 'mapped', 'checked', 'running', 'paused', 'done', 'failed')),
    failure    TEXT   NOT NULL,
    size       BIGINT NOT NULL,
    total      BIGINT NOT NULL,
    ready      BIGINT NOT NULL,
    again      BIGINT NOT NULL,
    last_row   BIGINT NOT NULL,
    batches    BIGINT NOT NULL,
    registered BIGINT NOT NULL,
    refused    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    seals      BIGINT NOT NULL,
    sealed     BYTEA  NOT NULL
); -- clustered
CREATE INDEX intake_import_person ON intake_import (started_by, created_at, id);
CREATE INDEX intake_import_expires ON intake_import (expires_at, id);

-- One committed batch. It is written in the transaction that registers its rows,
-- so a row is done exactly when its batch is here. marks recognise these rows in
-- another file: keyed digests of 8 bytes, under a key in intake_import.
CREATE TABLE intake_batch (
    import_id BYTEA  NOT NULL,
    n         BIGINT NOT NULL,
    first_row BIGINT NOT NULL,
    last_row  BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    marks     BYTEA  NOT NULL,
    PRIMARY KEY (import_id, n)
); -- clustered

-- One thing to tell about one row. sealed holds what stood in the cell.
CREATE TABLE intake_problem (
    import_id BYTEA   NOT NULL,
    row_no    BIGINT  NOT NULL,
    column_no BIGINT  NOT NULL,
    code      TEXT    NOT NULL,
    stop      BOOLEAN NOT NULL,
    sealed    BYTEA   NOT NULL,
    PRIMARY KEY (import_id, row_no, column_no, code)
); -- clustered
