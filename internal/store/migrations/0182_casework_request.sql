-- +goose Up

-- What people asked for by right about a child's data: to see it, a copy, to have it
-- corrected, erased, left alone, or not used. What was written lies sealed in the
-- case's events; event_seq is the event that corrected what was to be corrected.
CREATE TABLE casework_request (
    received_at BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    decided_at  BIGINT,
    event_seq   BIGINT,
    version     BIGINT NOT NULL,
    case_id     BYTEA  NOT NULL,
    id          BYTEA  NOT NULL,
    kind        TEXT   NOT NULL,
    asked_by    TEXT   NOT NULL,
    how         TEXT   NOT NULL,
    identity    TEXT   NOT NULL,
    state       TEXT   NOT NULL CHECK (state IN ('open', 'granted', 'partly', 'refused')),
    refusal     TEXT,
    receiver_id BYTEA  NOT NULL,
    decider_id  BYTEA,
    row_mac     BYTEA  NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered

-- What waits for an answer.
CREATE INDEX casework_request_open ON casework_request (due_at, case_id, id) WHERE state = 'open';
