-- +goose Up

-- What colleagues know of somebody: the languages they speak (codes, each ended by a
-- blank) and whether they are there. mac covers every column.
CREATE TABLE staff_profile (
    staff    BYTEA  PRIMARY KEY REFERENCES staff_account (id),
    speaks   TEXT   NOT NULL CHECK (length(speaks) <= 400),
    presence TEXT   NOT NULL CHECK (presence IN ('available', 'away', 'duty')),
    until_at BIGINT NOT NULL CHECK (until_at >= 0),
    version  BIGINT NOT NULL CHECK (version > 0),
    mac      BYTEA  NOT NULL CHECK (length(mac) = 16)
);
