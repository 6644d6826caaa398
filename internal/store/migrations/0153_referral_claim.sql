-- +goose Up

-- Who asked to take a case over, by its number, and what was answered: a transfer, or a
-- refusal with its reason. from_unit is the unit that answered for the case then. Why it
-- is asked for is sealed.
CREATE TABLE referral_claim (
    at          BIGINT NOT NULL,
    answered_at BIGINT,
    version     BIGINT NOT NULL,
    case_id     BYTEA  NOT NULL,
    id          BYTEA  NOT NULL,
    asker       BYTEA  NOT NULL,
    unit        BYTEA  NOT NULL,
    from_unit   BYTEA  NOT NULL,
    decider     BYTEA,
    thread_id   BYTEA,
    state       TEXT   NOT NULL CHECK (state IN ('asked', 'accepted', 'refused', 'withdrawn')),
    reason      TEXT,
    sealed      BYTEA  NOT NULL,
    row_mac     BYTEA  NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered

CREATE INDEX referral_claim_asker ON referral_claim (asker, at);
CREATE INDEX referral_claim_from ON referral_claim (from_unit, at) WHERE state = 'asked';
