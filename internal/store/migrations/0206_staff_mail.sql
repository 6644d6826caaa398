-- +goose Up

-- Where somebody is told by e-mail that something waits: their own address, given and
-- confirmed by themselves, sealed. It is deleted when they take it back or their account
-- ends.
CREATE TABLE staff_mail (
    staff     BYTEA   PRIMARY KEY REFERENCES staff_account (id),
    confirmed BOOLEAN NOT NULL,
    version   BIGINT  NOT NULL CHECK (version > 0),
    sealed    BYTEA   NOT NULL
);

-- Letters on their way: one of each kind for a person at a time, because a letter says
-- only that something waits. queued_at 0: none is on its way. What could not be sent for
-- a day is given up, and counted by failed_at.
CREATE TABLE staff_outbox (
    queued_at BIGINT NOT NULL,
    due_at    BIGINT NOT NULL,
    sent_at   BIGINT NOT NULL,
    failed_at BIGINT NOT NULL,
    tries     BIGINT NOT NULL,
    staff     BYTEA  NOT NULL REFERENCES staff_account (id),
    kind      TEXT   NOT NULL CHECK (kind IN ('waits', 'code')),
    PRIMARY KEY (staff, kind)
); -- clustered
