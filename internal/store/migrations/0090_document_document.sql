-- +goose Up

-- A photo, recording or paper of a case. sealed says what it is, sum vouches for
-- its chunks, closing holds what remains when it went to the competent unit. The
-- digest in row_mac covers all of them.
CREATE TABLE document_document (
    size     BIGINT NOT NULL,
    chunks   BIGINT NOT NULL,
    made_at  BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    id       BYTEA  NOT NULL PRIMARY KEY,
    case_id  BYTEA  NOT NULL,
    made_by  BYTEA  NOT NULL,
    state    TEXT   NOT NULL CHECK (state IN ('kept', 'quarantined', 'locked', 'removed', 'destroyed')),
    asked_by BYTEA,
    sum      BYTEA  NOT NULL,
    sealed   BYTEA  NOT NULL,
    closing  BYTEA,
    row_mac  BYTEA  NOT NULL
); -- clustered
CREATE INDEX document_document_case ON document_document (case_id, made_at, id);

-- Its bytes, sealed under the key of the case, 256 KiB each before sealing.
CREATE TABLE document_chunk (
    n           BIGINT NOT NULL,
    document_id BYTEA  NOT NULL,
    sealed      BYTEA  NOT NULL,
    PRIMARY KEY (document_id, n)
);
