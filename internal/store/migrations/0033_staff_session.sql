-- +goose Up
-- Signed-in browsers. Of the token only the SHA-256 is kept; mac is keyed, so
-- that a row put in behind the program's back opens nothing.
CREATE TABLE staff_session (
    token_hash BYTEA   PRIMARY KEY CHECK (length(token_hash) = 32),
    id         BYTEA   NOT NULL UNIQUE CHECK (length(id) = 16),
    staff      BYTEA   NOT NULL REFERENCES staff_account (id),
    strength   TEXT    NOT NULL CHECK (strength IN ('password', 'totp', 'passkey')),
    device     TEXT    NOT NULL CHECK (length(device) <= 80),
    zone       TEXT    NOT NULL CHECK (length(zone) <= 20),
    created_at BIGINT  NOT NULL CHECK (created_at > 0),
    seen_at    BIGINT  NOT NULL,
    fresh_at   BIGINT  NOT NULL,
    locked     BOOLEAN NOT NULL,
    mac        BYTEA   NOT NULL CHECK (length(mac) = 16)
);
CREATE INDEX staff_session_staff ON staff_session (staff);
-- A ceremony begun and not yet finished: a second step, a passkey challenge, an
-- authenticator app being enrolled.
CREATE TABLE staff_challenge (
    token_hash BYTEA  PRIMARY KEY CHECK (length(token_hash) = 32),
    kind       TEXT   NOT NULL CHECK (length(kind) BETWEEN 1 AND 20),
    staff      BYTEA  REFERENCES staff_account (id),
    holder     BYTEA,
    source     BYTEA  NOT NULL,
    tries      BIGINT NOT NULL CHECK (tries >= 0),
    expires_at BIGINT NOT NULL CHECK (expires_at > 0),
    sealed     BYTEA  NOT NULL
);
CREATE INDEX staff_challenge_source ON staff_challenge (source, expires_at);
CREATE INDEX staff_challenge_expires ON staff_challenge (expires_at);
CREATE INDEX staff_challenge_staff ON staff_challenge (staff);
-- Wrong sign-ins of one name from one source, and until when they must wait.
CREATE TABLE staff_throttle (
    account  BYTEA  NOT NULL CHECK (length(account) = 32),
    source   BYTEA  NOT NULL CHECK (length(source) = 16),
    failures BIGINT NOT NULL CHECK (failures > 0),
    next_at  BIGINT NOT NULL,
    last_at  BIGINT NOT NULL,
    PRIMARY KEY (account, source)
); -- clustered
CREATE INDEX staff_throttle_last ON staff_throttle (last_at);
-- Failed sign-ins not yet in the journal, summed per account, source and window.
CREATE TABLE staff_failure (
    account   BYTEA  NOT NULL CHECK (length(account) = 16),
    window_at BIGINT NOT NULL,
    source    BYTEA  NOT NULL CHECK (length(source) = 16),
    zone      TEXT   NOT NULL CHECK (length(zone) <= 20),
    reason    TEXT   NOT NULL CHECK (length(reason) <= 40),
    failures  BIGINT NOT NULL CHECK (failures > 0),
    PRIMARY KEY (account, window_at, source)
); -- clustered
CREATE INDEX staff_failure_window ON staff_failure (window_at, account, source);
