-- +goose Up

-- One row for each complaint, never removed: codes and days only. Times that are not
-- yet are 0. What was written stands in oversight_words.
CREATE TABLE oversight_complaint (
    version         BIGINT  NOT NULL CHECK (version > 0),
    received_at     BIGINT  NOT NULL,
    acknowledge_by  BIGINT  NOT NULL,
    answer_by       BIGINT  NOT NULL,
    acknowledged_at BIGINT  NOT NULL,
    answered_at     BIGINT  NOT NULL,
    told_at         BIGINT  NOT NULL,
    change_by       BIGINT  NOT NULL,
    reopened        BOOLEAN NOT NULL,
    id              BYTEA   PRIMARY KEY CHECK (length(id) = 16),
    filed_by        BYTEA   NOT NULL CHECK (length(filed_by) = 16),
    handler         BYTEA,
    about_staff     BYTEA,
    about_agency    BYTEA,
    change_unit     BYTEA,
    about           TEXT    NOT NULL CHECK (about IN ('colleague', 'agency', 'system')),
    matter          TEXT    NOT NULL,
    complainant     TEXT    NOT NULL,
    how             TEXT    NOT NULL,
    language        TEXT    NOT NULL,
    safe            TEXT    NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN ('received', 'acknowledged', 'looked_into', 'answered')),
    outcome         TEXT    NOT NULL,
    told_how        TEXT    NOT NULL,
    row_mac         BYTEA   NOT NULL CHECK (length(row_mac) = 16),
    CHECK ((about_staff IS NOT NULL) = (about = 'colleague')),
    CHECK ((about_agency IS NOT NULL) = (about = 'agency')),
    CHECK ((state = 'answered') = (outcome <> '')),
    CHECK ((state = 'answered') = (answered_at <> 0)),
    CHECK ((told_at <> 0) = (told_how <> ''))
);
CREATE INDEX oversight_complaint_filed ON oversight_complaint (filed_by, received_at);
CREATE INDEX oversight_complaint_open ON oversight_complaint (received_at) WHERE state <> 'answered';
CREATE INDEX oversight_complaint_answered ON oversight_complaint (answered_at) WHERE state = 'answered';

-- What was written about a complaint, an inquiry or a recommendation, sealed under the
-- node's key. A row about a case goes when the case is erased.
CREATE TABLE oversight_words (
    seq     BIGINT NOT NULL CHECK (seq > 0),
    at      BIGINT NOT NULL,
    id      BYTEA  PRIMARY KEY CHECK (length(id) = 16),
    of_id   BYTEA  NOT NULL CHECK (length(of_id) = 16),
    by_id   BYTEA  NOT NULL,
    case_id BYTEA,
    kind    TEXT   NOT NULL,
    sealed  BYTEA  NOT NULL,
    row_mac BYTEA  NOT NULL CHECK (length(row_mac) = 16),
    UNIQUE (of_id, seq)
);
CREATE INDEX oversight_words_case ON oversight_words (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX oversight_words_sealed ON oversight_words (sealed);
