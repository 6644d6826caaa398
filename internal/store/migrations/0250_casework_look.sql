-- +goose Up

-- Which children a search did not show although they are very like the one who was asked
-- for, and who asked: until those who answer for these children are told. A row is
-- written by every search, of one size whatever it found, and is soon gone.
CREATE TABLE casework_look (
    at     BIGINT NOT NULL CHECK (at > 0),
    id     BYTEA  NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    sealed BYTEA  NOT NULL
); -- clustered
