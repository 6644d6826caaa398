-- +goose Up

-- What of a case was given to somebody who does not work on it: a copy, sealed under
-- the key of the case with its norm and what is asked of whoever receives it. Rows are
-- never changed; number counts the disclosures of a case. recipient is a person or, with
-- unit, a unit. basis 'consent' is read only while the consent holds. notes says that
-- care notes are in it. tell_by is until when the child is told, NULL where the child
-- was told before. digest is that of the sealed bytes: the journal names it.
CREATE TABLE referral_disclosure (
    at        BIGINT  NOT NULL,
    number    BIGINT  NOT NULL,
    tell_by   BIGINT,
    unit      BOOLEAN NOT NULL,
    notes     BOOLEAN NOT NULL,
    case_id   BYTEA   NOT NULL,
    id        BYTEA   NOT NULL,
    recipient BYTEA   NOT NULL,
    purpose   TEXT    NOT NULL,
    basis     TEXT    NOT NULL,
    request   BYTEA,
    author    BYTEA   NOT NULL,
    digest    BYTEA   NOT NULL,
    sealed    BYTEA   NOT NULL,
    row_mac   BYTEA   NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered

CREATE UNIQUE INDEX referral_disclosure_number ON referral_disclosure (case_id, number);

-- The cases of which somebody was told something.
CREATE INDEX referral_disclosure_recipient ON referral_disclosure (recipient, case_id);

-- What became of a disclosure since, each once: it was ended, the child was told.
CREATE TABLE referral_mark (
    at      BIGINT NOT NULL,
    case_id BYTEA  NOT NULL,
    id      BYTEA  NOT NULL,
    about   BYTEA  NOT NULL,
    kind    TEXT   NOT NULL CHECK (kind IN ('ended', 'told')),
    author  BYTEA  NOT NULL,
    row_mac BYTEA  NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered

CREATE UNIQUE INDEX referral_mark_once ON referral_mark (case_id, about, kind);
