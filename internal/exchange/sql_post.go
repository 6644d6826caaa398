package exchange

const (
	sqlSelectPaper = `SELECT salt, body FROM exchange_paper WHERE node = $1 AND side = $2 AND id = $3 AND kind = $4`
	sqlKeepPaper   = `INSERT INTO exchange_paper (at, node, side, id, kind, salt, body) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (node, side, id, kind) DO UPDATE SET salt = excluded.salt, body = excluded.body`
	sqlDeletePaper = `DELETE FROM exchange_paper WHERE node = $1 AND side = $2 AND id = $3 AND kind = $4`

	outColumns = `id, thread, stream, type, first_at, next_at, expires, tried, cover, resend, placed, stopped, code, ekey`
	sqlQueue   = `INSERT INTO exchange_outbox (n, queued, node, ` + outColumns + `) VALUES ((SELECT COALESCE(MAX(n), 0) + 1 FROM exchange_outbox
		WHERE node = $2), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`
	sqlQueued    = `SELECT ` + outColumns + ` FROM exchange_outbox WHERE node = $1 AND placed = FALSE AND NOT stopped ORDER BY n LIMIT $2`
	sqlLaneQueue = `SELECT id FROM exchange_outbox WHERE node = $1 AND thread = $2 AND stream = $3 AND NOT placed AND NOT stopped ORDER BY n`
	sqlSelectOut = `SELECT ` + outColumns + ` FROM exchange_outbox WHERE node = $1 AND id = $2`
	sqlUpdateOut = `UPDATE exchange_outbox SET first_at = $3, next_at = $4, tried = $5, cover = $6, resend = $7, placed = $8, stopped = $9,
		code = $10, ekey = $11 WHERE node = $1 AND id = $2`
	sqlDeleteOut = `DELETE FROM exchange_outbox WHERE node = $1 AND id = $2`
	sqlCountOut  = `SELECT COUNT(*) FROM exchange_outbox WHERE node = $1 AND placed = FALSE AND NOT stopped`

	// What the peer turned out not to hold is tried at once.
	sqlHurry = `UPDATE exchange_outbox SET next_at = 0 WHERE node = $1 AND placed AND NOT stopped AND id IN (SELECT id FROM exchange_item
		WHERE node = $1 AND side = 'ours' AND NOT held AND NOT done)`

	// What is to be with the peer and is not, in the order of each lane. Nothing of a
	// frozen thread; a second time only what an officer has let go. What is there and only
	// waits for its answer is none of it until its next try.
	sqlDue = `SELECT i.id, i.thread, i.stream, i.again, i.held, COALESCE(o.stopped, FALSE), COALESCE(o.next_at, 0) FROM exchange_item i
		LEFT JOIN exchange_outbox o ON o.node = i.node AND o.id = i.id
		WHERE i.node = $1 AND i.side <> 'theirs' AND NOT i.done AND NOT i.lost
		AND NOT (i.held AND COALESCE(o.stopped OR o.next_at > $3, FALSE))
		AND NOT EXISTS (SELECT 1 FROM exchange_frozen f WHERE f.node = i.node AND f.thread = i.thread)
		ORDER BY i.thread, i.stream, i.seq LIMIT $2`

	sqlKeepIn = `INSERT INTO exchange_inbox (came, opened, node, id, thread, class, state, code) VALUES ($1, 0, $2, $3, $4, $5, 'stored', '')
		ON CONFLICT (node, id) DO UPDATE SET state = excluded.state`
	sqlUpdateIn = `UPDATE exchange_inbox SET opened = $3, state = $4, code = $5 WHERE node = $1 AND id = $2 AND state = 'stored'`
	sqlStuck    = `SELECT node, id, came, state, code FROM exchange_inbox WHERE state <> 'opened' ORDER BY state, node, came LIMIT 500`
	sqlOverdue  = `SELECT node, id, type, queued, expires, tried, stopped, code FROM exchange_outbox
		WHERE stopped OR (placed AND tried > 0 AND first_at < $1) OR expires < $2 ORDER BY node, n LIMIT 500`

	sqlKeepBack = `INSERT INTO exchange_back (n, node, id, dropped, answers)
		VALUES ((SELECT COALESCE(MAX(n), 0) + 1 FROM exchange_back WHERE node = $1), $1, $2, $3, $4) ON CONFLICT (node, id) DO NOTHING`
	sqlNextBack  = `SELECT id, dropped, answers FROM exchange_back WHERE node = $1 ORDER BY n LIMIT 1`
	sqlPassBack  = `UPDATE exchange_back SET answers = $3 WHERE node = $1 AND id = $2`
	sqlLaterBack = `SELECT b.id, b.answers FROM exchange_back b JOIN exchange_item i ON i.node = b.node AND i.id = b.id AND i.side = 'ours'
		WHERE b.node = $1 AND b.id <> $2 AND i.thread = $3 AND i.stream = $4 ORDER BY b.n LIMIT 1`
	sqlDeleteBack = `DELETE FROM exchange_back WHERE node = $1 AND id = $2`
)
