-- +goose Up

-- Cosignatures of our checkpoints, one line of each witness for each.
CREATE TABLE journal_cosignature (
    epoch   BIGINT NOT NULL,
    size    BIGINT NOT NULL,
    witness TEXT   NOT NULL, -- its verifier key
    at      BIGINT NOT NULL, -- seconds: the time that the witness signed
    line    TEXT   NOT NULL,
    PRIMARY KEY (epoch, size, witness)
);

-- Checkpoints that had the cosignatures which the policy in force asked for.
CREATE TABLE journal_settled (
    epoch BIGINT NOT NULL,
    size  BIGINT NOT NULL,
    at    BIGINT NOT NULL,
    PRIMARY KEY (epoch, size)
);

-- What we know of each witness: where it stands and how it answered last.
CREATE TABLE journal_witness (
    witness  TEXT   NOT NULL PRIMARY KEY, -- its verifier key
    epoch    BIGINT NOT NULL,
    size     BIGINT NOT NULL, -- that it cosigned last
    asked    BIGINT NOT NULL,
    answered BIGINT NOT NULL, -- when it cosigned last, 0 for never
    problem  TEXT   NOT NULL  -- code, '' while all is well
);
