-- +goose Up

-- How many questions were asked: one row for each, so that no number can be exceeded,
-- whoever asks at once. scope is of whom: the pair, an officer, urgent questions, a child
-- in an epoch; 'closed' is a day on which nothing more is asked, since a backup was restored.
CREATE TABLE match_slot (
    day       BIGINT NOT NULL, -- since 1970, UTC; of a child the epoch
    slot      BIGINT NOT NULL,
    scope     TEXT   NOT NULL CHECK (scope IN ('pair', 'officer', 'urgent', 'child', 'closed')),
    agreement BYTEA  NOT NULL CHECK (length(agreement) = 16),
    who       BYTEA  NOT NULL CHECK (length(who) = 16),
    PRIMARY KEY (agreement, scope, who, day, slot)
); -- clustered
CREATE INDEX match_slot_who ON match_slot (who);

-- The letters of a day, each once. body is what came and was not looked up yet, else ''.
CREATE TABLE match_letter (
    day       BIGINT NOT NULL,
    part      BIGINT NOT NULL,
    at        BIGINT NOT NULL,
    epoch     BIGINT NOT NULL,
    answers   BIGINT NOT NULL, -- in it
    way       TEXT   NOT NULL CHECK (way IN ('question', 'urgent', 'answer')),
    agreement BYTEA  NOT NULL CHECK (length(agreement) = 16),
    body      BYTEA  NOT NULL,
    PRIMARY KEY (agreement, way, day, part)
); -- clustered
