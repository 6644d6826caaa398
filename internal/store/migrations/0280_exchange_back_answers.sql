-- +goose Up

-- The commands of the node that the messages named in dropped answered, one behind the other,
-- none where they answered nothing: its room answers them anew.
ALTER TABLE exchange_back ADD COLUMN answers BYTEA;
