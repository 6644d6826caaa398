-- +goose Up

-- One row per person. Everything about a person is in the sealed blob, under
-- the key of the subject (the case in which the person was registered).
CREATE TABLE person_person (
    updated_at BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    id         BYTEA  NOT NULL PRIMARY KEY,
    subject    BYTEA  NOT NULL,
    sealed     BYTEA  NOT NULL,
    row_mac    BYTEA  NOT NULL
); -- clustered

-- One row per person who has identifiers: their tags, sealed under the node's
-- epoch key and held in memory once the node is unlocked. No tag of a person is
-- stored in clear.
CREATE TABLE person_search (
    changed_at BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    person_id  BYTEA  NOT NULL PRIMARY KEY,
    case_id    BYTEA  NOT NULL,
    sealed     BYTEA  NOT NULL
); -- clustered
CREATE INDEX person_search_changed ON person_search (changed_at);
