-- +goose Up

-- Where a referral leads: the service of the directory it is addressed to, the need of
-- the child that it answers, when the child is expected, and whether a doctor is needed
-- then. Of a referral that says none of it there is no row. A row is never changed.
CREATE TABLE referral_destination (
    expected_at BIGINT,
    doctor      BOOLEAN NOT NULL,
    case_id     BYTEA   NOT NULL,
    thread_id   BYTEA   NOT NULL,
    service_id  BYTEA,
    need_id     BYTEA,
    row_mac     BYTEA   NOT NULL,
    PRIMARY KEY (case_id, thread_id)
); -- clustered

CREATE INDEX referral_destination_service ON referral_destination (service_id) WHERE service_id IS NOT NULL;
