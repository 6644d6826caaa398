-- +goose Up

-- What is still to be done between two nodes is found without reading what is done: the
-- end of the outbox, the places that are to be with the peer, the lanes that are to be
-- opened.
CREATE INDEX exchange_outbox_n ON exchange_outbox (node, n);
CREATE INDEX exchange_item_due ON exchange_item (node, thread, stream, seq) WHERE side = 'ours' AND NOT done AND NOT lost;
CREATE INDEX exchange_lane_waiting ON exchange_lane (node, thread, stream) WHERE side = 'theirs' AND opened < len;
