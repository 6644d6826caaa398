-- +goose Up

-- What was known of a person before: each version that was replaced, sealed as it
-- was. Rows are never changed. version is the one this row holds; written_at is
-- when it was written.
CREATE TABLE person_former (
    written_at BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    person_id  BYTEA  NOT NULL,
    id         BYTEA  NOT NULL,
    subject    BYTEA  NOT NULL,
    sealed     BYTEA  NOT NULL,
    row_mac    BYTEA  NOT NULL,
    PRIMARY KEY (person_id, version)
); -- clustered
CREATE INDEX person_version_subject ON person_former (subject);
