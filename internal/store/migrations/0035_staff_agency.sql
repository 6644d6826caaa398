-- +goose Up

-- The agencies whose people work on this node, each with its sector and mandate. The
-- node's own is one of them, marked as such; it is made when the node first starts
-- with this table, because its digest needs a key.
CREATE TABLE staff_agency (
    id         BYTEA   PRIMARY KEY CHECK (length(id) = 16),
    name       TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    sector     TEXT    NOT NULL CHECK (length(sector) BETWEEN 1 AND 40),
    mandate    TEXT    NOT NULL CHECK (length(mandate) <= 4000),
    own        BOOLEAN NOT NULL,
    version    BIGINT  NOT NULL CHECK (version > 0),
    created_at BIGINT  NOT NULL CHECK (created_at > 0),
    mac        BYTEA   NOT NULL CHECK (length(mac) = 16)
);
CREATE UNIQUE INDEX staff_agency_own ON staff_agency (own) WHERE own;

-- The agency of a unit, none for the node's own. Units change now, so they have versions.
ALTER TABLE staff_unit ADD COLUMN agency BYTEA;
ALTER TABLE staff_unit ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
