-- +goose Up

-- What happened to a referral or transfer, each step once: never changed. author is
-- NULL where the clock acted. What was written, and of the offer what is shown of the
-- child, is sealed under the key of the case.
CREATE TABLE referral_step (
    at        BIGINT NOT NULL,
    seq       BIGINT NOT NULL,
    case_id   BYTEA  NOT NULL,
    id        BYTEA  NOT NULL,
    thread_id BYTEA  NOT NULL,
    event     TEXT   NOT NULL,
    state     TEXT   NOT NULL,
    author    BYTEA,
    code      TEXT,
    sealed    BYTEA  NOT NULL,
    row_mac   BYTEA  NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered

CREATE UNIQUE INDEX referral_step_seq ON referral_step (case_id, thread_id, seq);
