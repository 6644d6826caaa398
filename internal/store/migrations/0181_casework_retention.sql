-- +goose Up

-- How long a closed case is kept: its class, and the day on which somebody looks
-- whether it is still needed. Nothing is erased because that day has come. A case that
-- is open again has no such day.
CREATE TABLE casework_retention (
    set_at    BIGINT NOT NULL,
    review_at BIGINT,
    version   BIGINT NOT NULL,
    case_id   BYTEA  NOT NULL,
    id        BYTEA  NOT NULL,
    class     TEXT   NOT NULL,
    setter_id BYTEA,
    row_mac   BYTEA  NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered
CREATE INDEX casework_retention_review ON casework_retention (review_at, case_id) WHERE review_at IS NOT NULL;

-- Legal holds: while one is in force, nobody erases the case.
CREATE TABLE casework_hold (
    set_at    BIGINT NOT NULL,
    lifted_at BIGINT,
    version   BIGINT NOT NULL,
    case_id   BYTEA  NOT NULL,
    id        BYTEA  NOT NULL,
    reason    TEXT   NOT NULL,
    setter_id BYTEA  NOT NULL,
    lifter_id BYTEA,
    row_mac   BYTEA  NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered
