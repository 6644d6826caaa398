-- +goose Up

-- Who takes over from somebody whose account has ended.
CREATE TABLE staff_heir (
    staff BYTEA  PRIMARY KEY REFERENCES staff_account (id),
    heir  BYTEA  NOT NULL REFERENCES staff_account (id),
    at    BIGINT NOT NULL CHECK (at > 0),
    mac   BYTEA  NOT NULL CHECK (length(mac) = 16),
    CHECK (heir <> staff)
);
CREATE INDEX staff_heir_heir ON staff_heir (heir);
