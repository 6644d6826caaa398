-- +goose Up

-- What waits for a second person, and what they said: a finished record or a planned
-- act, named by about. Each time it is asked for is one row; what was written about it
-- lies sealed in the case's events.
CREATE TABLE casework_approval (
    asked_at   BIGINT NOT NULL,
    due_at     BIGINT NOT NULL,
    decided_at BIGINT,
    version    BIGINT NOT NULL,
    case_id    BYTEA  NOT NULL,
    id         BYTEA  NOT NULL,
    about      BYTEA  NOT NULL,
    what       TEXT   NOT NULL CHECK (what IN ('record', 'act')),
    code       TEXT   NOT NULL,
    state      TEXT   NOT NULL CHECK (state IN ('asked', 'approved', 'returned', 'replaced')),
    asker_id   BYTEA  NOT NULL,
    decider_id BYTEA,
    row_mac    BYTEA  NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered

-- What waits now: few rows at any time.
CREATE INDEX casework_approval_waits ON casework_approval (due_at, case_id, id) WHERE state = 'asked';

-- What somebody asked for and has not got yet.
CREATE INDEX casework_approval_asker ON casework_approval (asker_id, due_at, case_id) WHERE state IN ('asked', 'returned');
