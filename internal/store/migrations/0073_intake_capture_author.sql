-- +goose Up

-- Whether something of one's own waits is asked with every Today page.
CREATE INDEX intake_capture_author ON intake_capture (author, state, received_at, id);
