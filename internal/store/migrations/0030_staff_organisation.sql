-- +goose Up
-- The one organisation of a node, and its units. stamp rises with every change
-- of a unit or an account, so that instances know when their copy is old.
CREATE TABLE staff_organisation (
    one        BIGINT PRIMARY KEY CHECK (one = 1),
    name       TEXT   NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    stamp      BIGINT NOT NULL CHECK (stamp >= 0),
    created_at BIGINT NOT NULL CHECK (created_at > 0)
);
CREATE TABLE staff_unit (
    id         BYTEA  PRIMARY KEY CHECK (length(id) = 16),
    parent     BYTEA  REFERENCES staff_unit (id),
    name       TEXT   NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    created_at BIGINT NOT NULL CHECK (created_at > 0),
    mac        BYTEA  NOT NULL CHECK (length(mac) = 16),
    CHECK (parent IS NULL OR parent <> id)
);
