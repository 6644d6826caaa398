-- +goose Up

-- What was taken out of the program: who, when, how many cases, in what form. Why,
-- which fields and which list are sealed under the node's key; the passphrase of a
-- file lies there too until the file has been fetched once.
CREATE TABLE casework_export (
    at         BIGINT  NOT NULL,
    fetched_at BIGINT,
    cases      BIGINT  NOT NULL,
    version    BIGINT  NOT NULL,
    id         BYTEA   NOT NULL PRIMARY KEY,
    staff_id   BYTEA   NOT NULL,
    format     TEXT    NOT NULL,
    plain      BOOLEAN NOT NULL,
    sealed     BYTEA   NOT NULL
); -- clustered
CREATE INDEX casework_export_staff ON casework_export (staff_id, at, id);
