package exchange

const (
	// Of ours: what is not tried any more (an erasure stops without a code, and is no
	// trouble), what is not done a day after it was written, and what is too old.
	sqlTroubleOurs = `SELECT o.node, o.id, o.thread, o.type, o.queued, o.expires, o.tried, o.stopped, o.code, i.held, p.stage, p.code, p.unmet,
		EXISTS (SELECT 1 FROM exchange_frozen f WHERE f.node = o.node AND f.thread = o.thread)
		FROM exchange_outbox o LEFT JOIN exchange_item i ON i.node = o.node AND i.side = 'ours' AND i.id = o.id
		LEFT JOIN exchange_opened p ON p.node = o.node AND p.id = o.id AND p.stage IN ('refused', 'unreadable')
		WHERE (o.stopped AND o.code <> '' OR NOT o.stopped AND (o.queued < $1 OR o.expires < $2))
		AND NOT EXISTS (SELECT 1 FROM exchange_seen s WHERE s.node = o.node AND s.side = 'ours' AND s.id = o.id)
		ORDER BY o.queued, o.node, o.id LIMIT $3`

	// Of ours: what the peer has and did not accept, and which is out of the outbox.
	sqlTroubleDenied = `SELECT p.node, p.id, i.thread, p.at, p.stage, p.code, p.unmet FROM exchange_opened p
		JOIN exchange_item i ON i.node = p.node AND i.side = 'ours' AND i.id = p.id WHERE p.stage IN ('refused', 'unreadable')
		AND NOT EXISTS (SELECT 1 FROM exchange_outbox o WHERE o.node = p.node AND o.id = p.id)
		AND NOT EXISTS (SELECT 1 FROM exchange_seen s WHERE s.node = p.node AND s.side = 'ours' AND s.id = p.id)
		ORDER BY p.at, p.node, p.id LIMIT $1`

	// Of theirs: what was not accepted or cannot be read, and what nobody acted on for an hour.
	sqlTroubleTheirs = `SELECT b.node, b.id, b.thread, b.came, b.state, b.code FROM exchange_inbox b
		WHERE (b.state IN ('refused', 'unreadable') OR b.state = 'stored' AND b.came < $1)
		AND NOT EXISTS (SELECT 1 FROM exchange_seen s WHERE s.node = b.node AND s.side = 'theirs' AND s.id = b.id)
		ORDER BY b.came, b.node, b.id LIMIT $2`

	sqlKeepSeen = `INSERT INTO exchange_seen (at, staff, node, side, id) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (node, side, id) DO NOTHING`
	sqlFindIn   = `SELECT state FROM exchange_inbox WHERE node = $1 AND id = $2`

	sqlWaitingFor = `SELECT COUNT(*) FROM exchange_outbox WHERE node = $1 AND NOT stopped`
	sqlUnaccepted = `SELECT COUNT(*) FROM exchange_opened WHERE node = $1 AND id = $2 AND stage IN ('refused', 'unreadable')`

	// What of ours in a thread with a peer waits, or was not accepted.
	sqlPosted = `SELECT o.id, o.type, o.queued, o.expires, o.tried, o.stopped, o.code, i.held, p.stage, p.code, p.unmet,
		EXISTS (SELECT 1 FROM exchange_frozen f WHERE f.node = o.node AND f.thread = o.thread)
		FROM exchange_outbox o LEFT JOIN exchange_item i ON i.node = o.node AND i.side = 'ours' AND i.id = o.id
		LEFT JOIN exchange_opened p ON p.node = o.node AND p.id = o.id AND p.stage IN ('refused', 'unreadable')
		WHERE o.node = $1 AND o.thread = $2 AND NOT (o.stopped AND o.code = '') ORDER BY o.n`
	sqlPostedDenied = `SELECT p.id, p.at, p.stage, p.code, p.unmet FROM exchange_opened p
		JOIN exchange_item i ON i.node = p.node AND i.side = 'ours' AND i.id = p.id
		WHERE p.node = $1 AND i.thread = $2 AND p.stage IN ('refused', 'unreadable')
		AND NOT EXISTS (SELECT 1 FROM exchange_outbox o WHERE o.node = p.node AND o.id = p.id) ORDER BY p.at, p.id`
)
