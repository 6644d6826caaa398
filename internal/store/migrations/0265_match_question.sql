-- +goose Up

-- What officers of this node ask other nodes: one row for each question. A zero identifier
-- or time is none. Why, and by whom, is sealed under the case's key.
CREATE TABLE match_question (
    version   BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    decided   BIGINT NOT NULL, -- when the second officer did
    sent      BIGINT NOT NULL,
    epoch     BIGINT NOT NULL, -- in which it was sent
    urgent    BIGINT NOT NULL CHECK (urgent IN (0, 1)),
    case_id   BYTEA  NOT NULL CHECK (length(case_id) = 16),
    id        BYTEA  NOT NULL CHECK (length(id) = 16),
    wire      BYTEA  NOT NULL CHECK (length(wire) = 16), -- what the other node calls it
    agreement BYTEA  NOT NULL CHECK (length(agreement) = 16),
    officer   BYTEA  NOT NULL CHECK (length(officer) = 16),
    approver  BYTEA  NOT NULL CHECK (length(approver) = 16),
    state     TEXT   NOT NULL CHECK (state IN ('asked', 'approved', 'sent', 'returned', 'stopped')),
    why       TEXT   NOT NULL,
    row_mac   BYTEA  NOT NULL,
    sealed    BYTEA  NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered

CREATE INDEX match_question_wire ON match_question (agreement, wire);
CREATE INDEX match_question_open ON match_question (agreement, at) WHERE state IN ('asked', 'approved');
