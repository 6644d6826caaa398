-- +goose Up

-- What may be counted: one row for each record that says something about the work,
-- in codes, a month and a first-level area. id is an HMAC under the key of the case
-- over the record: whoever has not the key cannot tell which case or record it comes
-- from, nor which rows come from one case. There is no time and no order of writing.
CREATE TABLE facts_fact (
    version BIGINT NOT NULL,
    id      BYTEA  NOT NULL PRIMARY KEY,
    kind    TEXT   NOT NULL,
    month   TEXT   NOT NULL,
    area    TEXT   NOT NULL,
    codes   TEXT   NOT NULL
); -- clustered

-- What a consumer has not read yet: the version it will find, 0 where the fact was
-- erased.
CREATE TABLE facts_pending (
    version  BIGINT NOT NULL,
    consumer TEXT   NOT NULL,
    fact_id  BYTEA  NOT NULL,
    PRIMARY KEY (consumer, fact_id)
); -- clustered
