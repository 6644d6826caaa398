-- +goose Up

-- How much passed in a month under an agreement, as each side counted it. Numbers only.
CREATE TABLE match_count (
    at        BIGINT  NOT NULL,
    agreement BYTEA   NOT NULL CHECK (length(agreement) = 16),
    month     TEXT    NOT NULL,
    ours      BYTEA   NOT NULL,
    theirs    BYTEA   NOT NULL, -- '' while they sent none
    PRIMARY KEY (agreement, month)
); -- clustered
