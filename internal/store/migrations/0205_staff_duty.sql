-- +goose Up

-- The unit whose duty list takes over the checks made in a unit and those below it, none
-- where nobody has named one.
ALTER TABLE staff_unit ADD COLUMN duty BYTEA;
