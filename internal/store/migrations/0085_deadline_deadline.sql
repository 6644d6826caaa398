-- +goose Up

-- What is to be done in a case by when, and by whom; about names what in the
-- case, NULL the case itself. owner_id NULL is whoever
-- supervises the unit. level counts the steps the deadline has taken (reminded,
-- alerted, escalated once, ...); next_at is when it takes the next one, NULL when
-- it has taken all or has ended. A row ends once and is kept.
CREATE TABLE deadline_due (
    set_at   BIGINT NOT NULL,
    due      BIGINT NOT NULL,
    next_at  BIGINT,
    ended_at BIGINT,
    level    BIGINT NOT NULL,
    version  BIGINT NOT NULL,
    case_id  BYTEA  NOT NULL,
    id       BYTEA  NOT NULL,
    kind     TEXT   NOT NULL,
    state    TEXT   NOT NULL CHECK (state IN ('open', 'done', 'cancelled')),
    about    BYTEA,
    owner_id BYTEA,
    unit_id  BYTEA  NOT NULL,
    row_mac  BYTEA  NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered

-- Two indexes and no third: a registration pays for each. The page of a worker
-- walks the first, that of a supervisor and the steps of the clock the second.
CREATE INDEX deadline_due_owner ON deadline_due (owner_id, due) WHERE state = 'open';
CREATE INDEX deadline_due_unit ON deadline_due (unit_id, due, next_at, owner_id) WHERE state = 'open';

-- The steps that deadlines took. The key makes each happen once. planned is when
-- it was to happen, at when it did: later, where the node stood still.
CREATE TABLE deadline_step (
    planned     BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    case_id     BYTEA  NOT NULL,
    deadline_id BYTEA  NOT NULL,
    step        TEXT   NOT NULL,
    id          BYTEA  NOT NULL,
    to_staff    BYTEA,
    to_unit     BYTEA,
    row_mac     BYTEA  NOT NULL,
    PRIMARY KEY (case_id, deadline_id, step)
); -- clustered
