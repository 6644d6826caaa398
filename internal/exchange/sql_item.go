package exchange

const (
	sqlSelectEpoch = `SELECT epoch FROM exchange_epoch WHERE one = 1`
	sqlKeepEpoch   = `INSERT INTO exchange_epoch (epoch, one) VALUES ($1, 1) ON CONFLICT (one) DO UPDATE SET epoch = excluded.epoch`

	sqlForgetEpoch = `DELETE FROM exchange_epoch`

	sqlSelectLine = `SELECT epoch, rose_at, seen_epoch, seen_size, odd_at, met_at, hold, meeting FROM exchange_line WHERE node = $1`
	sqlKeepLine   = `INSERT INTO exchange_line (epoch, rose_at, seen_epoch, seen_size, odd_at, met_at, hold, meeting, node)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (node) DO UPDATE SET epoch = excluded.epoch, rose_at = excluded.rose_at,
		seen_epoch = excluded.seen_epoch, seen_size = excluded.seen_size, odd_at = excluded.odd_at, met_at = excluded.met_at,
		hold = excluded.hold, meeting = excluded.meeting`
	sqlSelectMet      = `SELECT met_at FROM exchange_line WHERE node = $1`
	sqlForgetMeetings = `UPDATE exchange_line SET meeting = ''`

	sqlSelectLanes    = `SELECT thread, stream, side, len, head, opened, held FROM exchange_lane WHERE node = $1 ORDER BY thread, stream, side`
	sqlSelectUnopened = `SELECT thread, stream, side, len, head, opened, held FROM exchange_lane WHERE node = $1 AND side = 'theirs' AND opened < len
		ORDER BY thread, stream`
	sqlSelectLane = `SELECT len, head, opened, held FROM exchange_lane WHERE node = $1 AND thread = $2 AND stream = $3 AND side = $4`
	sqlKeepLane   = `INSERT INTO exchange_lane (len, opened, held, node, thread, stream, side, head) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (node, thread, stream, side) DO UPDATE SET len = excluded.len, opened = excluded.opened, held = excluded.held,
		head = excluded.head`

	itemColumns = `thread, stream, side, seq, id, content, prev, stands, answers, ask, void, epoch, held, answered, done, again, lost, gone,
		late, given`
	sqlSelectItem = `SELECT ` + itemColumns + ` FROM exchange_item
		WHERE node = $1 AND side = $2 AND thread = $3 AND stream = $4 AND seq = $5`
	sqlSelectAfter = `SELECT ` + itemColumns + ` FROM exchange_item
		WHERE node = $1 AND side = $2 AND thread = $3 AND stream = $4 AND seq > $5 ORDER BY seq`
	sqlSelectFind   = `SELECT ` + itemColumns + ` FROM exchange_item WHERE node = $1 AND side = $2 AND id = $3 ORDER BY seq`
	sqlSelectAnswer = `SELECT ` + itemColumns + ` FROM exchange_item WHERE node = $1 AND side = $2 AND answers = $3 ORDER BY seq`
	sqlKeepItem     = `INSERT INTO exchange_item (node, ` + itemColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
		ON CONFLICT (node, side, thread, stream, seq) DO UPDATE SET id = excluded.id, content = excluded.content, prev = excluded.prev,
		stands = excluded.stands, answers = excluded.answers, ask = excluded.ask, void = excluded.void, epoch = excluded.epoch,
		held = excluded.held, answered = excluded.answered, done = excluded.done, again = excluded.again, lost = excluded.lost,
		gone = excluded.gone, late = excluded.late, given = excluded.given`
	sqlDeleteItem = `DELETE FROM exchange_item WHERE node = $1 AND side = $2 AND thread = $3 AND stream = $4 AND seq = $5`
	sqlRepeats    = `SELECT COUNT(DISTINCT thread) FROM exchange_item WHERE node = $1 AND (given OR (again AND NOT done))`

	sqlSelectEntry = `SELECT content, receipt, dropped FROM exchange_ledger WHERE node = $1 AND id = $2`
	sqlKeepEntry   = `INSERT INTO exchange_ledger (node, id, content, receipt, dropped) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (node, id) DO UPDATE SET content = excluded.content, receipt = excluded.receipt, dropped = excluded.dropped`

	sqlSelectFrozen = `SELECT thread FROM exchange_frozen WHERE node = $1 ORDER BY thread`
	sqlFreeze       = `INSERT INTO exchange_frozen (at, node, thread) VALUES ($1, $2, $3) ON CONFLICT (node, thread) DO NOTHING`
	sqlKeepProof    = `INSERT INTO exchange_proof (at, seq, epoch, node, side, thread, stream, id, content)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (node, side, id, content) DO NOTHING`
)
