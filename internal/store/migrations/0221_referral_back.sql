-- +goose Up

-- What a restore took from a thread with another node, and that node gave back: where the
-- thread stands by it, until somebody has dealt with it. taken says that a child was taken
-- on here whose record is missing. Without a case nothing else is known of the thread than
-- what stands here.
CREATE TABLE referral_back (
    at       BIGINT  NOT NULL,
    revision BIGINT  NOT NULL,
    accepted BOOLEAN NOT NULL,
    assumed  BOOLEAN NOT NULL,
    taken    BOOLEAN NOT NULL,
    wire     BYTEA   NOT NULL,
    case_id  BYTEA,
    id       BYTEA,
    peer     TEXT    NOT NULL,
    side     TEXT    NOT NULL CHECK (side IN ('sent', 'received')),
    state    TEXT    NOT NULL,
    PRIMARY KEY (peer, wire)
);

CREATE INDEX referral_back_case ON referral_back (case_id, id);
