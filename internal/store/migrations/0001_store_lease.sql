-- +goose Up

-- A lease says which instance of the node does a job that only one should do.
CREATE TABLE store_lease (
    name       TEXT   NOT NULL PRIMARY KEY CHECK (name <> ''),
    holder     BYTEA  NOT NULL,
    held_until BIGINT NOT NULL
); -- clustered
