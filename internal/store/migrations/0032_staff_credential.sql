-- +goose Up
-- What a person proves themselves with. Hashes, public keys and secrets are in
-- the sealed blobs, bound to the row and its version.
CREATE TABLE staff_password (
    staff      BYTEA  PRIMARY KEY REFERENCES staff_account (id),
    id         BYTEA  NOT NULL UNIQUE CHECK (length(id) = 16),
    version    BIGINT NOT NULL CHECK (version > 0),
    changed_at BIGINT NOT NULL CHECK (changed_at > 0),
    sealed     BYTEA  NOT NULL
);
CREATE TABLE staff_passkey (
    id         BYTEA  PRIMARY KEY CHECK (length(id) = 16),
    staff      BYTEA  NOT NULL REFERENCES staff_account (id),
    handle     BYTEA  NOT NULL UNIQUE CHECK (length(handle) = 32),
    version    BIGINT NOT NULL CHECK (version > 0),
    created_at BIGINT NOT NULL CHECK (created_at > 0),
    used_at    BIGINT NOT NULL CHECK (used_at >= 0),
    sealed     BYTEA  NOT NULL
);
CREATE INDEX staff_passkey_staff ON staff_passkey (staff);
CREATE TABLE staff_totp (
    staff      BYTEA  PRIMARY KEY REFERENCES staff_account (id),
    id         BYTEA  NOT NULL UNIQUE CHECK (length(id) = 16),
    version    BIGINT NOT NULL CHECK (version > 0),
    created_at BIGINT NOT NULL CHECK (created_at > 0),
    last_step  BIGINT NOT NULL CHECK (last_step >= 0),
    sealed     BYTEA  NOT NULL
);
