-- +goose Up

-- The places of a country, as a hierarchy: what a region of the pack is made of. They
-- are about nobody and come from a published list, so their rows have no digest.
CREATE TABLE staff_place (
    code       TEXT   PRIMARY KEY CHECK (length(code) BETWEEN 1 AND 40),
    parent     TEXT   REFERENCES staff_place (code),
    level      BIGINT NOT NULL CHECK (level BETWEEN 0 AND 9),
    name       TEXT   NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    changed_at BIGINT NOT NULL CHECK (changed_at > 0),
    CHECK (parent IS NULL OR parent <> code)
);
CREATE INDEX staff_place_parent ON staff_place (parent, name, code);
