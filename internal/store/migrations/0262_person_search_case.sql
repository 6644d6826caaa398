-- +goose Up

-- What a child is compared by is looked up by the case, one child after another.
CREATE INDEX person_search_case ON person_search (case_id);
