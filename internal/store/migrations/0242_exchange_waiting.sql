-- +goose Up

-- What waits in the order in which it goes: SQLite takes the index of 0241 for no query that
-- says which side.
DROP INDEX exchange_item_due;
CREATE INDEX exchange_item_due ON exchange_item (node, thread, stream, seq) WHERE side <> 'theirs' AND NOT done AND NOT lost;
CREATE INDEX exchange_receipt_order ON exchange_receipt (node, signed, queued, id);
