-- +goose Up

-- A strand is something in a case that goes on and changes: a person in the child's
-- life, where the child lives, a search for the family, a group of children. The row
-- says what it is and whether it goes on; what is known of it lies sealed in the
-- case's events, and version counts those. tie is what strands of several cases have
-- in common: one person, one group, one intake.
CREATE TABLE casework_strand (
    began_at BIGINT NOT NULL,
    ended_at BIGINT,
    version  BIGINT NOT NULL,
    case_id  BYTEA  NOT NULL,
    id       BYTEA  NOT NULL,
    kind     TEXT   NOT NULL CHECK (kind IN ('person', 'group', 'care', 'tracing', 'intake')),
    code     TEXT   NOT NULL,
    tie      BYTEA,
    row_mac  BYTEA  NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered

-- The cases that have something in common.
CREATE INDEX casework_strand_tie ON casework_strand (tie, case_id) WHERE tie IS NOT NULL;

-- A child lives in one place and is in one group at a time.
CREATE UNIQUE INDEX casework_strand_one ON casework_strand (case_id, kind)
    WHERE ended_at IS NULL AND kind IN ('group', 'care');
