package journal

import "strconv"

const (
	sqlInsertPending = `INSERT INTO journal_pending (entry_id, header, sealed) VALUES ($1, $2, $3)`
	sqlSelectChain   = `SELECT head, length FROM journal_chain WHERE subject = $1`
	sqlInsertChain   = `INSERT INTO journal_chain (subject, head, length) VALUES ($1, $2, 1)`
	sqlUpdateChain   = `UPDATE journal_chain SET head = $2, length = length + 1 WHERE subject = $1 AND head = $3`

	sqlSelectPending = `SELECT entry_id, header, sealed FROM journal_pending ORDER BY entry_id LIMIT $1`
	sqlPendingBack   = `SELECT header FROM journal_pending ORDER BY entry_id DESC`
	sqlDeletePending = `DELETE FROM journal_pending WHERE entry_id <= $1`
	sqlCountPending  = `SELECT COUNT(*) FROM journal_pending`
	sqlOldestPending = `SELECT entry_id FROM journal_pending ORDER BY entry_id LIMIT 1`
	sqlNewestEntry   = `SELECT last_at FROM journal_head WHERE log = 'node'`

	sqlSelectHead = `SELECT size, root, frontier, last_at FROM journal_head WHERE log = 'node'`
	sqlInsertHead = `INSERT INTO journal_head (log, size, root, frontier, last_at) VALUES ('node', $1, $2, $3, $4)`
	sqlUpdateHead = `UPDATE journal_head SET size = $1, root = $2, frontier = $3, last_at = $4 WHERE log = 'node' AND size = $5`

	sqlSelectTile = `SELECT data FROM journal_tile WHERE level = $1 AND n = $2`
	sqlUpsertTile = `INSERT INTO journal_tile (level, n, data) VALUES ($1, $2, $3)
		ON CONFLICT (level, n) DO UPDATE SET data = excluded.data`
	sqlSelectTiles = `SELECT level, n, data FROM journal_tile WHERE level = $1 AND n >= $2 ORDER BY n LIMIT $3`

	sqlInsertCheckpoint = `INSERT INTO journal_checkpoint (epoch, size, at, note) VALUES ($1, $2, $3, $4)`
	sqlLastCheckpoint   = `SELECT epoch, size, at, note FROM journal_checkpoint ORDER BY epoch DESC, size DESC LIMIT 1`
	sqlCheckpoints      = `SELECT epoch, size, at, note FROM journal_checkpoint
		WHERE epoch > $1 OR (epoch = $1 AND size > $2) ORDER BY epoch, size LIMIT $3`

	sqlSelectEpochs = `SELECT epoch, start_size, opened_at, statement FROM journal_epoch ORDER BY epoch`
	sqlInsertEpoch  = `INSERT INTO journal_epoch (epoch, start_size, opened_at, statement) VALUES ($1, $2, $3, $4)`

	sqlEntryByIdx  = `SELECT idx, header, sealed FROM journal_entry WHERE idx = $1`
	sqlEntryByID   = `SELECT idx, header, sealed FROM journal_entry WHERE entry_id = $1`
	sqlPendingByID = `SELECT header FROM journal_pending WHERE entry_id = $1`
	sqlEntries     = `SELECT idx, entry_id, header, sealed FROM journal_entry WHERE idx >= $1 ORDER BY idx LIMIT $2`
	sqlEntriesBack = `SELECT idx, entry_id, header, sealed FROM journal_entry WHERE idx < $1 ORDER BY idx DESC LIMIT $2`
	sqlSubjectBack = `SELECT e.idx, e.header FROM journal_subject s JOIN journal_entry e ON e.idx = s.idx
		WHERE s.subject = $1 AND s.idx < $2 ORDER BY s.idx DESC LIMIT $3`
	sqlSubjectForward = `SELECT e.idx, e.header FROM journal_subject s JOIN journal_entry e ON e.idx = s.idx
		WHERE s.subject = $1 AND s.idx >= $2 ORDER BY s.idx LIMIT $3`
	sqlSubjects      = `SELECT DISTINCT subject FROM journal_subject WHERE subject > $1 ORDER BY subject LIMIT $2`
	sqlEmptyPayloads = `UPDATE journal_entry SET sealed = NULL WHERE sealed IS NOT NULL
		AND idx IN (SELECT idx FROM journal_subject WHERE subject = $1)`
	sqlChains = `SELECT subject, head, length FROM journal_chain WHERE subject > $1 ORDER BY subject LIMIT $2`
)

const (
	insertEntryHead   = `INSERT INTO journal_entry (idx, entry_id, header, sealed) VALUES `
	insertSubjectHead = `INSERT INTO journal_subject (subject, idx) VALUES `
)

// manyRows completes an INSERT with rows × columns placeholders. The text
// depends on the two numbers only.
func manyRows(head string, rows, columns int) string {
	b := []byte(head)
	p := 1
	for r := range rows {
		if r > 0 {
			b = append(b, ',')
		}
		b = append(b, '(')
		for c := range columns {
			if c > 0 {
				b = append(b, ',')
			}
			b = append(b, '$')
			b = strconv.AppendInt(b, int64(p), 10)
			p++
		}
		b = append(b, ')')
	}
	return string(b)
}
