-- +goose Up

-- A document on its way here, until it is whole or expires. size is what was
-- announced, -1 where nothing was. Nothing of it belongs to the case yet: sealed
-- under the node's key, it is read only to be kept or thrown away.
CREATE TABLE document_upload (
    size       BIGINT NOT NULL,
    made_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    id         BYTEA  NOT NULL PRIMARY KEY,
    case_id    BYTEA  NOT NULL,
    staff_id   BYTEA  NOT NULL,
    sealed     BYTEA  NOT NULL
); -- clustered
CREATE INDEX document_upload_expires ON document_upload (expires_at, id);
CREATE INDEX document_upload_staff ON document_upload (staff_id, expires_at);
CREATE INDEX document_upload_case ON document_upload (case_id);

CREATE TABLE document_piece (
    n         BIGINT NOT NULL,
    size      BIGINT NOT NULL,
    upload_id BYTEA  NOT NULL,
    sealed    BYTEA  NOT NULL,
    PRIMARY KEY (upload_id, n)
);
