-- +goose Up

-- The day finds what is due among the deadlines, the next contact too; this index was
-- for that alone.
DROP INDEX casework_case_contact;
