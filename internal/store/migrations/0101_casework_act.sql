-- +goose Up

-- Acts that need a basis, such as a placement or a return: authorised, done, or
-- both. asked_at is when it was planned, planned_at when it was authorised: at once, or
-- when a second person approved it. basis_id names the status an authorisation rests on. breach says that the
-- act was done without one; it waits for a supervisor until reviewed_at. What was
-- done and why stands in the events.
CREATE TABLE casework_act (
    asked_at     BIGINT,
    planned_at   BIGINT,
    ended_at     BIGINT,
    happened_at  BIGINT,
    recorded_at  BIGINT,
    reviewed_at  BIGINT,
    emergency    BIGINT NOT NULL,
    breach       BIGINT NOT NULL,
    version      BIGINT NOT NULL,
    case_id      BYTEA  NOT NULL,
    id           BYTEA  NOT NULL,
    kind         TEXT   NOT NULL,
    basis_id     BYTEA,
    planner_id   BYTEA,
    recorder_id  BYTEA,
    reviewer_id  BYTEA,
    row_mac      BYTEA  NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered
