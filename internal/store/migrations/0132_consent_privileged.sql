-- +goose Up

-- Notes of a child's lawyer, readable by that lawyer and by nobody else. Rows are never
-- changed. The event beside each says only that there is one.
CREATE TABLE consent_privileged (
    at      BIGINT NOT NULL,
    seq     BIGINT NOT NULL,
    case_id BYTEA  NOT NULL,
    id      BYTEA  NOT NULL,
    author  BYTEA  NOT NULL,
    sealed  BYTEA  NOT NULL,
    row_mac BYTEA  NOT NULL,
    PRIMARY KEY (case_id, seq)
); -- clustered
