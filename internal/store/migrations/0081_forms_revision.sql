-- +goose Up

-- One row for each time a form about a case was saved, numbered from 1 in each
-- record. Rows are never changed. Which form it is, under which version it was
-- answered, and whether it was finished are readable, because the way of a case
-- asks for it; the answers are sealed.
CREATE TABLE forms_revision (
    at           BIGINT NOT NULL,
    revision     BIGINT NOT NULL,
    form_version BIGINT NOT NULL,
    case_id      BYTEA  NOT NULL,
    record_id    BYTEA  NOT NULL,
    id           BYTEA  NOT NULL,
    form         TEXT   NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('open', 'finished')),
    author       BYTEA,
    sealed       BYTEA  NOT NULL,
    row_mac      BYTEA  NOT NULL,
    PRIMARY KEY (case_id, record_id, revision)
); -- clustered
