-- +goose Up

-- A view that unit_id names is used by that unit and the units below it. It shows
-- nobody more than they reach.
ALTER TABLE casework_view ADD COLUMN unit_id BYTEA;
CREATE INDEX casework_view_unit ON casework_view (unit_id, made_at, id) WHERE unit_id IS NOT NULL;

-- What somebody's list of children opens with: one of the program's own views, or a
-- kept one, which may be gone since.
CREATE TABLE casework_opening (
    staff_id BYTEA NOT NULL PRIMARY KEY,
    view_id  BYTEA,
    built_in TEXT  NOT NULL,
    CHECK ((view_id IS NULL) = (built_in <> ''))
); -- clustered
