-- +goose Up

-- What a child needs and what became of it: asked for, requested from whoever gives
-- it, given, ended with an outcome, or unmet with a reason. Who gives it, where that
-- is somebody outside, and what was written about it lie in the sealed blob.
CREATE TABLE casework_need (
    asked_at     BIGINT NOT NULL,
    requested_at BIGINT,
    due_at       BIGINT,
    delivered_at BIGINT,
    ended_at     BIGINT,
    version      BIGINT NOT NULL,
    case_id      BYTEA  NOT NULL,
    id           BYTEA  NOT NULL,
    service      TEXT   NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('needed', 'requested', 'delivered', 'ended', 'unmet')),
    outcome      TEXT,
    unmet        TEXT,
    staff_id     BYTEA,
    row_mac      BYTEA  NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered
