-- +goose Up

-- Cases that somebody opened by break-glass: one row for each time. Its person
-- reaches the case until until_at and no longer, by the same query that asks who
-- reaches it otherwise; no list counts it. unit is where the person worked then:
-- whoever supervises it does not review what its people did. What was written lies
-- sealed in the blob. reviewed_at is 0 until somebody reviewed it.
CREATE TABLE access_glass (
    from_at     BIGINT NOT NULL,
    until_at    BIGINT NOT NULL,
    review_by   BIGINT NOT NULL,
    reviewed_at BIGINT NOT NULL,
    version     BIGINT NOT NULL,
    case_id     BYTEA  NOT NULL,
    id          BYTEA  NOT NULL CHECK (length(id) = 16),
    staff       BYTEA  NOT NULL,
    unit        BYTEA  NOT NULL,
    reviewer    BYTEA,
    reason      TEXT   NOT NULL,
    outcome     TEXT   NOT NULL,
    blob        BYTEA  NOT NULL,
    row_mac     BYTEA  NOT NULL,
    PRIMARY KEY (case_id, id)
); -- clustered

CREATE UNIQUE INDEX access_glass_id ON access_glass (id);
CREATE INDEX access_glass_staff ON access_glass (staff, from_at);
CREATE INDEX access_glass_from ON access_glass (from_at, id);
-- What waits for its review: few at any time.
CREATE INDEX access_glass_waiting ON access_glass (review_by, id) WHERE reviewed_at = 0;
