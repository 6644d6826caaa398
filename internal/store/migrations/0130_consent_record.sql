-- +goose Up

-- What was asked, answered, withdrawn, passed on and told about the use of what is
-- known of a child. Rows are never changed: a later one about the same counts. Each
-- has its event on the timeline of the case, under the same number. What it is about
-- is readable, because access is decided by it; who said what, when and why is sealed.
CREATE TABLE consent_record (
    at        BIGINT NOT NULL,
    seq       BIGINT NOT NULL,
    until_at  BIGINT,
    case_id   BYTEA  NOT NULL,
    id        BYTEA  NOT NULL,
    recipient BYTEA,
    about     BYTEA,
    kind      TEXT   NOT NULL,
    purpose   TEXT   NOT NULL,
    state     TEXT   NOT NULL,
    basis     TEXT   NOT NULL,
    author    BYTEA,
    sealed    BYTEA  NOT NULL,
    row_mac   BYTEA  NOT NULL,
    PRIMARY KEY (case_id, seq)
); -- clustered
