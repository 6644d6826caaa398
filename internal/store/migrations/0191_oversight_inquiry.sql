-- +goose Up

-- One row for each inquiry, never removed. What it is about are filters of the journal;
-- a case stands in oversight_words only.
CREATE TABLE oversight_inquiry (
    version      BIGINT NOT NULL CHECK (version > 0),
    opened_at    BIGINT NOT NULL,
    closed_at    BIGINT NOT NULL,
    from_at      BIGINT NOT NULL,
    until_at     BIGINT NOT NULL,
    id           BYTEA  PRIMARY KEY CHECK (length(id) = 16),
    opened_by    BYTEA  NOT NULL CHECK (length(opened_by) = 16),
    about_staff  BYTEA,
    about_agency BYTEA,
    about        TEXT   NOT NULL CHECK (about IN ('case', 'staff', 'agency', 'act', 'period')),
    act          TEXT   NOT NULL,
    row_mac      BYTEA  NOT NULL CHECK (length(row_mac) = 16),
    CHECK ((about_staff IS NOT NULL) = (about = 'staff')),
    CHECK ((about_agency IS NOT NULL) = (about = 'agency'))
);

CREATE TABLE oversight_recommendation (
    version     BIGINT NOT NULL CHECK (version > 0),
    asked_at    BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    answered_at BIGINT NOT NULL,
    id          BYTEA  PRIMARY KEY CHECK (length(id) = 16),
    inquiry_id  BYTEA  NOT NULL REFERENCES oversight_inquiry (id),
    unit_id     BYTEA  NOT NULL CHECK (length(unit_id) = 16),
    answered_by BYTEA,
    state       TEXT   NOT NULL CHECK (state IN ('asked', 'accepted', 'done', 'refused')),
    row_mac     BYTEA  NOT NULL CHECK (length(row_mac) = 16),
    CHECK ((state = 'asked') = (answered_at = 0)),
    CHECK ((state = 'asked') = (answered_by IS NULL))
);
CREATE INDEX oversight_recommendation_inquiry ON oversight_recommendation (inquiry_id);
CREATE INDEX oversight_recommendation_unit ON oversight_recommendation (unit_id, asked_at);
