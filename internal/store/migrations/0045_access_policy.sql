-- +goose Up

-- Sets of rules that were made on this node; number 0, the pack's own, stands in no
-- row. One is in force, or none; one may be proposed. Rules are about nobody.
-- edition counts the changes of a row, and row_mac vouches for all of it.
CREATE TABLE access_policy (
    version     BIGINT NOT NULL PRIMARY KEY,
    edition     BIGINT NOT NULL,
    proposed_at BIGINT NOT NULL,
    decided_at  BIGINT NOT NULL,
    state       TEXT   NOT NULL CHECK (state IN ('proposed', 'active', 'former', 'dropped')),
    base        TEXT   NOT NULL,
    proposer    BYTEA  NOT NULL,
    decider     BYTEA,
    body        BYTEA  NOT NULL,
    row_mac     BYTEA  NOT NULL
);
CREATE UNIQUE INDEX access_policy_active ON access_policy (state) WHERE state = 'active';
CREATE UNIQUE INDEX access_policy_proposed ON access_policy (state) WHERE state = 'proposed';
