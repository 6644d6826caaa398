-- +goose Up

-- The clock asks for the steps whose time has come: few rows at the front of an index
-- that grows at its end. It replaces the index by unit, which every registration paid
-- for though only a supervisor's page read it.
CREATE INDEX deadline_due_next ON deadline_due (next_at) WHERE next_at IS NOT NULL;
DROP INDEX deadline_due_unit;

-- What a supervisor sees: what is late in a unit, how far up it has gone and whose it
-- is; and what nobody owns by name. A registration has rows in neither.
CREATE INDEX deadline_due_late ON deadline_due (unit_id, level, due, owner_id) WHERE state = 'open' AND level >= 2;
CREATE INDEX deadline_due_nobody ON deadline_due (unit_id, due) WHERE state = 'open' AND owner_id IS NULL;
