-- +goose Up

-- Referrals and transfers of a case: where each stands, who asked whom for what, and
-- by when who is to act. What was written and shown lies sealed in the steps. accepted
-- and assumed say what the state alone does not: that the receiver accepted it once,
-- and that a transfer was assumed. due_at is the day of whose turn it is, NULL when
-- nothing is waited for any more.
CREATE TABLE referral_thread (
    offered_at  BIGINT  NOT NULL,
    respond_by  BIGINT  NOT NULL,
    moved_at    BIGINT  NOT NULL,
    due_at      BIGINT,
    version     BIGINT  NOT NULL,
    accepted    BOOLEAN NOT NULL,
    assumed     BOOLEAN NOT NULL,
    case_id     BYTEA   NOT NULL,
    id          BYTEA   NOT NULL,
    kind        TEXT    NOT NULL CHECK (kind IN ('referral', 'transfer')),
    state       TEXT    NOT NULL,
    from_unit   BYTEA   NOT NULL,
    from_staff  BYTEA   NOT NULL,
    to_unit     BYTEA   NOT NULL,
    to_staff    BYTEA,
    purpose     TEXT    NOT NULL,
    basis       TEXT    NOT NULL,
    service     TEXT    NOT NULL,
    urgency     TEXT    NOT NULL,
    language    TEXT    NOT NULL,
    sex         TEXT    NOT NULL,
    age_band    TEXT    NOT NULL,
    reason      TEXT,
    suggested   BYTEA,
    outcome     TEXT,
    parallel    BYTEA,
    answered_at BIGINT,
    row_mac     BYTEA   NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered

-- The inbox and the outbox of a unit, and what the clock looks after.
CREATE INDEX referral_thread_in ON referral_thread (to_unit, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX referral_thread_out ON referral_thread (from_unit, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX referral_thread_due ON referral_thread (due_at) WHERE due_at IS NOT NULL;
