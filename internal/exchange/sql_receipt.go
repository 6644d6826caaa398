package exchange

const (
	sqlQueueReceipt = `INSERT INTO exchange_receipt (queued, next_at, tried, signed, node, id, thread, stage, code, unmet)
		VALUES ($1, 0, 0, FALSE, $2, $3, $4, $5, $6, $7) ON CONFLICT (node, id) DO UPDATE SET queued = excluded.queued, next_at = 0, tried = 0,
		signed = FALSE, stage = excluded.stage, code = excluded.code, unmet = excluded.unmet`
	sqlUnsigned    = `SELECT id, stage, code, unmet FROM exchange_receipt WHERE node = $1 AND signed = FALSE ORDER BY queued, id LIMIT $2`
	sqlSetSigned   = `UPDATE exchange_receipt SET signed = TRUE WHERE node = $1 AND id = $2`
	sqlDueReceipts = `SELECT id, thread, tried FROM exchange_receipt WHERE node = $1 AND signed = TRUE AND next_at + 0 <= $2 ORDER BY queued, id LIMIT $3`
	sqlTryReceipt  = `UPDATE exchange_receipt SET tried = tried + 1, next_at = $3 WHERE node = $1 AND id = $2`
	sqlEndReceipt  = `DELETE FROM exchange_receipt WHERE node = $1 AND id = $2`
	sqlOldReceipts = `DELETE FROM exchange_receipt WHERE signed AND queued < $1`

	sqlKeepOpened = `INSERT INTO exchange_opened (at, node, id, stage, code, unmet) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (node, id) DO UPDATE SET at = excluded.at, stage = excluded.stage, code = excluded.code, unmet = excluded.unmet`
	sqlSelectRungs = `SELECT i.id, i.stream, i.seq, i.held, i.answered, i.done, i.void, o.at, o.stage, o.code, o.unmet FROM exchange_item i
		LEFT JOIN exchange_opened o ON o.node = i.node AND o.id = i.id WHERE i.node = $1 AND i.thread = $2 AND i.side = 'ours'
		ORDER BY i.stream, i.seq`
	sqlDenied = `SELECT node, id, at, stage, code, unmet FROM exchange_opened WHERE stage <> 'opened' AND at > $1 ORDER BY at DESC, node, id LIMIT 500`
)
