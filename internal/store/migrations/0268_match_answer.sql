-- +goose Up

-- Answers, on both sides: what an officer of ours answered, and what came. sealed holds
-- the contact point and the token, under a key that ends with the epoch.
CREATE TABLE match_answer (
    at        BIGINT NOT NULL,
    day       BIGINT NOT NULL, -- of the letter; 0: it waits for one
    epoch     BIGINT NOT NULL,
    agreement BYTEA  NOT NULL CHECK (length(agreement) = 16),
    question  BYTEA  NOT NULL CHECK (length(question) = 16),
    case_id   BYTEA  NOT NULL CHECK (length(case_id) = 16),
    state     TEXT   NOT NULL CHECK (state IN ('given', 'came', 'declined', 'accepted', 'compared')),
    agreed    TEXT   NOT NULL, -- kinds of exact values that agree
    sealed    BYTEA  NOT NULL,
    PRIMARY KEY (agreement, question)
); -- clustered
CREATE INDEX match_answer_case ON match_answer (case_id);
