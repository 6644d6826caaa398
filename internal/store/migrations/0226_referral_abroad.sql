-- +goose Up

-- What of a referral or transfer is between two nodes, beside its thread: the thread of
-- the exchange, the other node, which side this is, for what (abroad.csv), the command that
-- was not answered yet, the last status, who looked at it, and what came of it. origin says
-- that the other node is in a country from which the child comes, or may come.
CREATE TABLE referral_abroad (
    revision     BIGINT  NOT NULL,
    sent_at      BIGINT,
    confirm_by   BIGINT,
    approved_at  BIGINT,
    late_at      BIGINT,
    recalled_at  BIGINT,
    arrived_at   BIGINT,
    taken_at     BIGINT,
    version      BIGINT  NOT NULL,
    origin       BOOLEAN NOT NULL,
    case_id      BYTEA   NOT NULL,
    id           BYTEA   NOT NULL,
    wire         BYTEA   NOT NULL,
    asked_id     BYTEA,
    asker        BYTEA,
    approver     BYTEA,
    peer         TEXT    NOT NULL,
    country      TEXT    NOT NULL,
    side         TEXT    NOT NULL CHECK (side IN ('sent', 'received')),
    purpose      TEXT    NOT NULL,
    care         TEXT,
    asked        TEXT,
    reply        TEXT,
    recall       TEXT,
    recalled     TEXT,
    row_mac      BYTEA   NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered

CREATE UNIQUE INDEX referral_abroad_wire ON referral_abroad (wire, peer, side);
CREATE INDEX referral_abroad_waits ON referral_abroad (side, sent_at);
