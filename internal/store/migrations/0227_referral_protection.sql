-- +goose Up

-- Protection checks: what a protection officer found before anything about a child goes to
-- a country. Never changed; the newest of a country counts. What was written is sealed.
CREATE TABLE referral_protection (
    at       BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    case_id  BYTEA  NOT NULL,
    id       BYTEA  NOT NULL,
    officer  BYTEA  NOT NULL,
    country  TEXT   NOT NULL,
    asylum   TEXT   NOT NULL,
    office   TEXT   NOT NULL,
    view     TEXT   NOT NULL,
    sealed   BYTEA  NOT NULL,
    row_mac  BYTEA  NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered
