-- +goose Up

-- Who signed which version of the code of conduct, in which language they read it.
CREATE TABLE staff_conduct (
    staff     BYTEA  NOT NULL REFERENCES staff_account (id),
    version   TEXT   NOT NULL CHECK (length(version) BETWEEN 1 AND 40),
    language  TEXT   NOT NULL CHECK (length(language) BETWEEN 2 AND 20),
    signed_at BIGINT NOT NULL CHECK (signed_at > 0),
    mac       BYTEA  NOT NULL CHECK (length(mac) = 16),
    PRIMARY KEY (staff, version)
); -- clustered
