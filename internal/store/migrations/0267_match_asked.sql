-- +goose Up

-- Children of this node who agree with a question of another node as much as our table's
-- threshold says, and what an officer decided. Questions that found nobody leave no row.
CREATE TABLE match_asked (
    version   BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    due       BIGINT NOT NULL,
    decided   BIGINT NOT NULL,
    epoch     BIGINT NOT NULL,
    urgent    BIGINT NOT NULL CHECK (urgent IN (0, 1)),
    case_id   BYTEA  NOT NULL CHECK (length(case_id) = 16),
    id        BYTEA  NOT NULL CHECK (length(id) = 16),
    agreement BYTEA  NOT NULL CHECK (length(agreement) = 16),
    question  BYTEA  NOT NULL CHECK (length(question) = 16),
    decider   BYTEA  NOT NULL CHECK (length(decider) = 16),
    state     TEXT   NOT NULL CHECK (state IN ('open', 'answered', 'silent', 'guardian', 'officer')),
    row_mac   BYTEA  NOT NULL,
    sealed    BYTEA  NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered

CREATE UNIQUE INDEX match_asked_once ON match_asked (agreement, question, case_id);
CREATE INDEX match_asked_open ON match_asked (due) WHERE state = 'open';
