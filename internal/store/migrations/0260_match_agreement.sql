-- +goose Up

-- What two nodes agreed on about matching: one direction and one purpose each. terms is the
-- text that two people here decided on, theirs the text that the other node sent; '' while
-- it sent none. A zero identifier or time is none.
CREATE TABLE match_agreement (
    version   BIGINT NOT NULL CHECK (version > 0),
    first_at  BIGINT NOT NULL,
    second_at BIGINT NOT NULL,
    from_at   BIGINT NOT NULL,
    ended_at  BIGINT NOT NULL,
    id        BYTEA  NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    first_by  BYTEA  NOT NULL CHECK (length(first_by) = 16),
    second_by BYTEA  NOT NULL CHECK (length(second_by) = 16),
    purpose   TEXT   NOT NULL CHECK (purpose IN ('child', 'selector')),
    peer      TEXT   NOT NULL,
    side      TEXT   NOT NULL CHECK (side IN ('asker', 'holder')),
    state     TEXT   NOT NULL CHECK (state IN ('prepared', 'offered', 'asked', 'taken', 'force', 'ended')),
    ended_by  TEXT   NOT NULL CHECK (ended_by IN ('', 'here', 'there')),
    terms     BYTEA  NOT NULL,
    theirs    BYTEA  NOT NULL,
    row_mac   BYTEA  NOT NULL
); -- clustered

-- One at a time for each peer, purpose and direction.
CREATE UNIQUE INDEX match_agreement_one ON match_agreement (peer, purpose, side) WHERE state <> 'ended';
