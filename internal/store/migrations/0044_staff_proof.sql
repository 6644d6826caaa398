-- +goose Up
-- Signed-in browsers, with the last time their person gave a second factor: a
-- password alone makes a session fresh, not strong. The table is made anew, because
-- its rule about strengths changes; whoever was signed in signs in again.
DROP TABLE staff_session;
CREATE TABLE staff_session (
    token_hash BYTEA   PRIMARY KEY CHECK (length(token_hash) = 32),
    id         BYTEA   NOT NULL UNIQUE CHECK (length(id) = 16),
    staff      BYTEA   NOT NULL REFERENCES staff_account (id),
    strength   TEXT    NOT NULL CHECK (strength IN ('password', 'totp', 'passkey', 'sso', 'sso-strong')),
    device     TEXT    NOT NULL CHECK (length(device) <= 80),
    zone       TEXT    NOT NULL CHECK (length(zone) <= 20),
    created_at BIGINT  NOT NULL CHECK (created_at > 0),
    seen_at    BIGINT  NOT NULL,
    fresh_at   BIGINT  NOT NULL,
    strong_at  BIGINT  NOT NULL DEFAULT 0,
    locked     BOOLEAN NOT NULL,
    mac        BYTEA   NOT NULL CHECK (length(mac) = 16)
);
CREATE INDEX staff_session_staff ON staff_session (staff);

-- Whom the provider of single sign-on vouches for, and which account that is. Of
-- issuer and subject only a keyed digest is kept; an account has one.
CREATE TABLE staff_subject (
    subject   BYTEA  PRIMARY KEY CHECK (length(subject) = 32),
    staff     BYTEA  NOT NULL UNIQUE REFERENCES staff_account (id),
    linked_at BIGINT NOT NULL CHECK (linked_at > 0),
    mac       BYTEA  NOT NULL CHECK (length(mac) = 16)
);
