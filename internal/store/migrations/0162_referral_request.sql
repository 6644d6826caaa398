-- +goose Up

-- What police or prosecution asked to be told of a child, for which purpose, and what
-- the person responsible decided: a disclosure, or a refusal with its reason. The law
-- it rests on and why it is asked are sealed.
CREATE TABLE referral_request (
    at         BIGINT NOT NULL,
    decided_at BIGINT,
    version    BIGINT NOT NULL,
    case_id    BYTEA  NOT NULL,
    id         BYTEA  NOT NULL,
    asker      BYTEA  NOT NULL,
    decider    BYTEA,
    purpose    TEXT   NOT NULL,
    state      TEXT   NOT NULL CHECK (state IN ('asked', 'granted', 'refused')),
    reason     TEXT,
    sealed     BYTEA  NOT NULL,
    row_mac    BYTEA  NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered

CREATE INDEX referral_request_asker ON referral_request (asker, at);
