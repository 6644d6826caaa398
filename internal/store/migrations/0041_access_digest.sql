-- +goose Up

-- Who reaches a case is evidence like the case itself. Each row has a random
-- identifier, under which the journal names it without naming the holder; a
-- version, raised by each change; and a digest over its columns under the key of
-- the case. A row without them was not written by this program.
--
-- A row that was ended has until_at 0: it counts at no time, whatever the clock
-- shows. from_at is for people to read and decides nothing.
ALTER TABLE access_reach ADD COLUMN id BYTEA;
ALTER TABLE access_reach ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE access_reach ADD COLUMN row_mac BYTEA;

ALTER TABLE access_permit ADD COLUMN id BYTEA;
ALTER TABLE access_permit ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE access_permit ADD COLUMN row_mac BYTEA;

ALTER TABLE access_withhold ADD COLUMN id BYTEA;
ALTER TABLE access_withhold ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE access_withhold ADD COLUMN row_mac BYTEA;

-- The cases that were reopened in an emergency and that no supervisor has
-- confirmed yet: few at any time.
CREATE INDEX access_permit_emergency ON access_permit (case_id) WHERE purpose = 'emergency' AND until_at > 0;
