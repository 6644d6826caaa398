-- +goose Up

-- The booking of an interpreter, beside its thread: when, for how long, how, and who must
-- not come, in codes. proposed_at is another time that the interpreter's side proposed;
-- undertaken says that the interpreter has signed to keep what is heard to themselves.
-- The place is sealed, and never changes.
CREATE TABLE referral_booking (
    starts_at   BIGINT  NOT NULL,
    minutes     BIGINT  NOT NULL,
    proposed_at BIGINT,
    version     BIGINT  NOT NULL,
    sign        BOOLEAN NOT NULL,
    undertaken  BOOLEAN NOT NULL,
    case_id     BYTEA   NOT NULL,
    thread_id   BYTEA   NOT NULL,
    mode        TEXT    NOT NULL CHECK (mode IN ('in_person', 'phone', 'video')),
    gender      TEXT    NOT NULL CHECK (gender IN ('any', 'female', 'male')),
    excludes    TEXT    NOT NULL,
    sealed      BYTEA   NOT NULL,
    row_mac     BYTEA   NOT NULL,
    PRIMARY KEY (case_id, thread_id)
); -- clustered
