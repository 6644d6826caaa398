-- +goose Up
-- name_key is a keyed digest of the sign-in name; the names themselves are in
-- the sealed blob. mac covers every column but sealed, which guards itself, and
-- signed_in_at, on which nothing depends.
CREATE TABLE staff_account (
    id           BYTEA  PRIMARY KEY CHECK (length(id) = 16),
    name_key     BYTEA  NOT NULL UNIQUE CHECK (length(name_key) = 32),
    unit         BYTEA  NOT NULL REFERENCES staff_unit (id),
    role         TEXT   NOT NULL CHECK (length(role) BETWEEN 1 AND 40),
    language     TEXT   NOT NULL CHECK (length(language) BETWEEN 2 AND 20),
    supervisor   BYTEA  REFERENCES staff_account (id),
    state        TEXT   NOT NULL CHECK (state IN ('invited', 'active', 'disabled')),
    version      BIGINT NOT NULL CHECK (version > 0),
    created_at   BIGINT NOT NULL CHECK (created_at > 0),
    activated_at BIGINT NOT NULL CHECK (activated_at >= 0),
    signed_in_at BIGINT NOT NULL CHECK (signed_in_at >= 0),
    sealed       BYTEA  NOT NULL,
    mac          BYTEA  NOT NULL CHECK (length(mac) = 16),
    CHECK (supervisor IS NULL OR supervisor <> id)
);
CREATE INDEX staff_account_supervisor ON staff_account (supervisor);
CREATE TABLE staff_deputy (
    staff    BYTEA  NOT NULL REFERENCES staff_account (id),
    deputy   BYTEA  NOT NULL REFERENCES staff_account (id),
    from_at  BIGINT NOT NULL CHECK (from_at > 0),
    until_at BIGINT NOT NULL,
    mac      BYTEA  NOT NULL CHECK (length(mac) = 16),
    PRIMARY KEY (deputy, staff, from_at),
    CHECK (until_at > from_at),
    CHECK (staff <> deputy)
); -- clustered
