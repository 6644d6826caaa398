package exchange

// What a message tells of where a thread stands, or takes back, and no more of the child: it
// is delivered before its content is destroyed.
const lastWords = `('status', 'recall', 'recall.outcome', 'retention.due', 'withdraw', 'retract', 'void')`

const (
	sqlKeepErased = `INSERT INTO exchange_erased (at, thread) VALUES ($1, $2) ON CONFLICT (thread) DO NOTHING`
	sqlErased     = `SELECT thread, NULL FROM exchange_erased ORDER BY thread`
	sqlIsErased   = `SELECT COUNT(*) FROM exchange_erased WHERE thread = $1`
	sqlEraseBack  = `DELETE FROM exchange_back WHERE node = $1 AND id IN (SELECT id FROM exchange_item WHERE node = $1 AND thread = $2)`
	sqlNodes      = `SELECT node FROM exchange_peer ORDER BY node`

	// Everything that was said in a thread, but for our last words that are not delivered yet.
	sqlErasePapers = `DELETE FROM exchange_paper WHERE node = $1 AND kind IN ('draft', 'letter', 'envelope')
		AND (id IN (SELECT id FROM exchange_item WHERE node = $1 AND side IN ('ours', 'theirs') AND thread = $2)
			OR (side = 'ours' AND id IN (SELECT id FROM exchange_outbox WHERE node = $1 AND thread = $2)))
		AND NOT (side = 'ours' AND id IN (SELECT id FROM exchange_outbox WHERE node = $1 AND thread = $2 AND NOT stopped AND type IN ` + lastWords + `))`
	sqlGiveUpItems = `UPDATE exchange_item SET done = TRUE WHERE node = $1 AND side = 'ours' AND thread = $2 AND NOT done
		AND id IN (SELECT id FROM exchange_outbox WHERE node = $1 AND thread = $2 AND (stopped OR type NOT IN ` + lastWords + `))`
	sqlGiveUpOut = `DELETE FROM exchange_outbox WHERE node = $1 AND thread = $2 AND (stopped OR type NOT IN ` + lastWords + `)`

	// Of messages that were handled: of one thread, and of all that were erased.
	handledPapers = `JOIN exchange_paper p ON p.node = i.node AND p.side = i.side AND p.id = i.id AND p.kind IN ('draft', 'letter', 'envelope')
		LEFT JOIN exchange_inbox b ON b.node = i.node AND b.id = i.id AND i.side = 'theirs'
		WHERE ((i.side = 'ours' AND i.done) OR (i.side = 'theirs' AND b.state <> 'stored'))`
	sqlSaid = `SELECT DISTINCT i.node, i.thread, i.side, i.id, i.content FROM exchange_item i ` + handledPapers + `
		AND i.node = $1 AND i.side IN ('ours', 'theirs') AND i.thread = $2 ORDER BY i.node, i.thread, i.side, i.id`
	sqlSaidErased = `SELECT DISTINCT i.node, i.thread, i.side, i.id, i.content FROM exchange_erased e
		JOIN exchange_item i ON i.node IN (SELECT node FROM exchange_peer) AND i.side IN ('ours', 'theirs') AND i.thread = e.thread
		` + handledPapers + ` ORDER BY i.node, i.thread, i.side, i.id LIMIT $1`
	sqlErasePaper = `DELETE FROM exchange_paper WHERE node = $1 AND side = $2 AND id = $3 AND kind IN ('draft', 'letter', 'envelope')`

	sqlKeepTerm = `INSERT INTO exchange_term (until, ended, node, side, thread, id, expiry) VALUES ($1, 0, $2, $3, $4, $5, $6)
		ON CONFLICT (node, side, id) DO UPDATE SET until = CASE WHEN excluded.until < exchange_term.until THEN excluded.until ELSE exchange_term.until END`
	sqlDueTerms = `SELECT until, node, side, thread, id, expiry FROM exchange_term WHERE ended = 0 AND until <= $1 ORDER BY until, node, side, id LIMIT $2`
	sqlCountDue = `SELECT COUNT(*), COALESCE(MIN(until), 0) FROM exchange_term WHERE ended = 0 AND until <= $1`
	sqlEndTerm  = `UPDATE exchange_term SET ended = $4 WHERE node = $1 AND side = $2 AND id = $3 AND ended = 0`
	sqlEndTerms = `UPDATE exchange_term SET ended = $3 WHERE node = $1 AND thread = $2 AND ended = 0`
	sqlDelay    = `UPDATE exchange_term SET until = $3 WHERE node = $1 AND thread = $2 AND ended = 0 AND until < $3`
	sqlShorten  = `UPDATE exchange_term SET until = $3 WHERE node = $1 AND thread = $2 AND ended = 0 AND until > $3`
	sqlEnded    = `SELECT DISTINCT t.thread, i.id FROM exchange_term t JOIN exchange_item i ON i.node = t.node AND i.side IN ('ours', 'theirs')
		AND i.thread = t.thread WHERE t.ended > 0 AND NOT EXISTS (SELECT 1 FROM exchange_paper p WHERE p.node = i.node AND p.side = i.side AND p.id = i.id
			AND p.kind IN ('draft', 'letter', 'envelope')) ORDER BY t.thread, i.id`
)
