-- +goose Up

-- Offices of other countries that are asked about a child who crosses a border: facts
-- about offices, and about no child. They are kept as long as the directory is; one that
-- is not right any more has ended. body holds what nobody filters by.
CREATE TABLE directory_contact (
    version      BIGINT  NOT NULL CHECK (version > 0),
    confirmed_at BIGINT  NOT NULL,
    ended        BOOLEAN NOT NULL,
    id           BYTEA   PRIMARY KEY CHECK (length(id) = 16),
    confirmed_by BYTEA   NOT NULL,
    country      TEXT    NOT NULL,
    authority    TEXT    NOT NULL,
    office       TEXT    NOT NULL,
    body         BYTEA   NOT NULL,
    row_mac      BYTEA   NOT NULL CHECK (length(row_mac) = 16)
);

-- An office is in force once; files know it again by these.
CREATE UNIQUE INDEX directory_contact_office ON directory_contact (country, authority, office) WHERE NOT ended;
