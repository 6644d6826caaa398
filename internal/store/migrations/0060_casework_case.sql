-- +goose Up

-- The narrow row of a case: what lists, deadlines and access need, in codes.
-- version counts the writing entries the journal has about the case, so that a
-- row put back behind the program's back is found on reading.
CREATE TABLE casework_case (
    opened_at      BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    next_contact   BIGINT,
    closed_at      BIGINT,
    person_version BIGINT NOT NULL,
    events         BIGINT NOT NULL,
    version        BIGINT NOT NULL,
    id             BYTEA  NOT NULL PRIMARY KEY,
    number         TEXT   NOT NULL,
    person_id      BYTEA  NOT NULL,
    stage          TEXT   NOT NULL,
    risk           TEXT   NOT NULL,
    sex            TEXT   NOT NULL,
    age_band       TEXT   NOT NULL,
    region         TEXT   NOT NULL,
    unit_id        BYTEA  NOT NULL,
    worker_id      BYTEA  NOT NULL,
    row_mac        BYTEA  NOT NULL
); -- clustered

CREATE UNIQUE INDEX casework_case_number ON casework_case (number);
CREATE INDEX casework_case_contact ON casework_case (worker_id, next_contact) WHERE next_contact IS NOT NULL;

-- One index per leading filter of the list. A worker leads whenever one is asked
-- for, and a unit whenever no worker is, so the other indexes need neither; of the
-- sexes only the rare ones lead. Each index carries every filter that can be asked for
-- where it leads, but the unit beside a worker: most of a worker's few cases are in it.
CREATE INDEX casework_case_worker ON casework_case (worker_id, updated_at, id, stage, risk, sex, age_band, region);
CREATE INDEX casework_case_unit ON casework_case (unit_id, updated_at, id, stage, risk, sex, age_band, region);
CREATE INDEX casework_case_region ON casework_case (region, updated_at, id, stage, risk, sex, age_band);
CREATE INDEX casework_case_age ON casework_case (age_band, updated_at, id, stage, risk, sex, region);
CREATE INDEX casework_case_stage ON casework_case (stage, updated_at, id, risk, sex, age_band, region);
CREATE INDEX casework_case_risk ON casework_case (risk, updated_at, id, stage, sex, age_band, region);
CREATE INDEX casework_case_sex ON casework_case (sex, updated_at, id, stage, risk, age_band, region)
    WHERE sex IN ('other', 'unknown');
CREATE INDEX casework_case_updated ON casework_case (updated_at, id, stage, sex);

-- What happened in a case, numbered from 1. Rows are never changed.
CREATE TABLE casework_event (
    at      BIGINT NOT NULL,
    seq     BIGINT NOT NULL,
    case_id BYTEA  NOT NULL,
    id      BYTEA  NOT NULL,
    kind    TEXT   NOT NULL,
    author  BYTEA,
    sealed  BYTEA  NOT NULL,
    row_mac BYTEA  NOT NULL,
    PRIMARY KEY (case_id, seq)
); -- clustered

-- A person's saved list views: the label is sealed under the node's key.
CREATE TABLE casework_view (
    id       BYTEA  NOT NULL PRIMARY KEY,
    staff_id BYTEA  NOT NULL,
    filter   TEXT   NOT NULL,
    sealed   BYTEA  NOT NULL,
    version  BIGINT NOT NULL,
    made_at  BIGINT NOT NULL
); -- clustered
CREATE INDEX casework_view_staff ON casework_view (staff_id, made_at, id);
