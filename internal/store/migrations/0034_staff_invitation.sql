-- +goose Up
-- An invitation to make a credential, for one account in one role. The token is
-- kept as SHA-256, the code told by voice as a keyed digest.
CREATE TABLE staff_invitation (
    id         BYTEA  PRIMARY KEY CHECK (length(id) = 16),
    staff      BYTEA  NOT NULL REFERENCES staff_account (id),
    role       TEXT   NOT NULL CHECK (length(role) BETWEEN 1 AND 40),
    inviter    BYTEA  REFERENCES staff_account (id),
    token_hash BYTEA  NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    voice      BYTEA  NOT NULL CHECK (length(voice) = 32),
    tries      BIGINT NOT NULL CHECK (tries >= 0),
    created_at BIGINT NOT NULL CHECK (created_at > 0),
    expires_at BIGINT NOT NULL,
    CHECK (expires_at > created_at)
);
CREATE INDEX staff_invitation_staff ON staff_invitation (staff);
-- What a person must be told at the next sign-in: something happened to their
-- account. entry is the journal entry that recorded it.
CREATE TABLE staff_notice (
    staff BYTEA  NOT NULL REFERENCES staff_account (id),
    entry BYTEA  NOT NULL CHECK (length(entry) = 16),
    kind  TEXT   NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
    actor BYTEA  REFERENCES staff_account (id),
    at    BIGINT NOT NULL CHECK (at > 0),
    PRIMARY KEY (staff, entry, kind)
); -- clustered
