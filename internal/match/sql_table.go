package match

const (
	tableColumns = `agreement, epoch, started, changed, children, sent, back, parts, state`

	sqlInsertTable  = `INSERT INTO match_table (` + tableColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	sqlSelectTable  = `SELECT ` + tableColumns + ` FROM match_table WHERE agreement = $1 AND epoch = $2`
	sqlSelectTables = `SELECT ` + tableColumns + ` FROM match_table ORDER BY agreement, epoch`
	sqlAnyTable     = `SELECT COUNT(*) FROM match_table WHERE agreement = $1 AND epoch <= $2`
	sqlAnyPart      = `SELECT COUNT(*) FROM match_part WHERE agreement = $1 AND epoch <= $2`
	sqlEpochs       = `SELECT DISTINCT epoch FROM match_part WHERE agreement = $1 AND epoch <= $2 ORDER BY epoch`
	sqlGathered     = `UPDATE match_table SET changed = $3, children = $4, state = $5 WHERE agreement = $1 AND epoch = $2 AND state = 'gathering'`
	sqlSentPart     = `UPDATE match_table SET changed = $3, sent = $4, state = $5 WHERE agreement = $1 AND epoch = $2 AND sent = $6 AND state = 'sending'`
	sqlTableBack    = `UPDATE match_table SET changed = $3, back = back + 1, state = CASE WHEN back + 1 = parts THEN 'ready' ELSE state END
		WHERE agreement = $1 AND epoch = $2`

	sqlInsertEntry   = `INSERT INTO match_entry (agreement, epoch, case_id, sealed) VALUES ($1, $2, $3, $4)`
	sqlLastEntry     = `SELECT case_id FROM match_entry WHERE agreement = $1 AND epoch = $2 ORDER BY case_id DESC LIMIT 1`
	sqlCountEntries  = `SELECT COUNT(*) FROM match_entry WHERE agreement = $1 AND epoch = $2`
	sqlSelectEntries = `SELECT case_id, sealed FROM match_entry WHERE agreement = $1 AND epoch = $2 AND case_id > $3 ORDER BY case_id LIMIT $4`

	sqlInsertPart  = `INSERT INTO match_part (agreement, epoch, part, at, places, tags) VALUES ($1, $2, $3, $4, $5, $6)`
	sqlHasPart     = `SELECT COUNT(*) FROM match_part WHERE agreement = $1 AND epoch = $2 AND part = $3`
	sqlPartBack    = `UPDATE match_part SET at = $4, tags = $5 WHERE agreement = $1 AND epoch = $2 AND part = $3 AND length(tags) = 0 AND length(places) > 0`
	sqlSelectParts = `SELECT part, places, tags FROM match_part WHERE agreement = $1 AND epoch = $2 ORDER BY part`

	sqlDropTables  = `DELETE FROM match_table WHERE agreement = $1 AND epoch <= $2`
	sqlDropEntries = `DELETE FROM match_entry WHERE agreement = $1 AND epoch <= $2`
	sqlDropParts   = `DELETE FROM match_part WHERE agreement = $1 AND epoch <= $2`
	sqlEraseEntry  = `DELETE FROM match_entry WHERE case_id = $1`
)
