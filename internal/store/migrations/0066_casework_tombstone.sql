-- +goose Up

-- Which cases were erased, by random identifier, so that the restrictions file can
-- be compared with the database: a restored backup must lose them again. The
-- evidence is the entry in the journal.
CREATE TABLE casework_tombstone (
    at      BIGINT NOT NULL,
    case_id BYTEA  NOT NULL PRIMARY KEY
); -- clustered
