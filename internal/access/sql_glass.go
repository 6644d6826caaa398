package access

// glassColumns is what a [Glass] is read from.
const glassColumnsPart = `SELECT case_id, id, staff, unit, reason, from_at, until_at, review_by, reviewed_at, reviewer, outcome,
		version, blob, row_mac FROM access_glass `

// Break-glass.
const (
	sqlInsertGlass = `INSERT INTO access_glass (case_id, id, staff, unit, reason, from_at, until_at, review_by, reviewed_at,
		reviewer, outcome, version, blob, row_mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, NULL, '', $9, $10, $11)`
	sqlUpdateGlass = `UPDATE access_glass SET reviewed_at = $3, reviewer = $4, outcome = $5, version = $6, blob = $7, row_mac = $8
		WHERE case_id = $1 AND id = $2 AND version = $9`
	sqlCountGlassOf       = `SELECT COUNT(*) FROM access_glass WHERE staff = $1 AND from_at > $2`
	sqlSelectGlassOf      = glassColumnsPart + `WHERE case_id = $1 ORDER BY id`
	sqlSelectGlassInForce = glassColumnsPart + `WHERE case_id = $1 AND until_at > $2 ORDER BY id`
	sqlSelectGlassOne     = glassColumnsPart + `WHERE id = $1`
	sqlSelectGlassOwn     = glassColumnsPart + `WHERE staff = $1 AND until_at > $2 ORDER BY until_at, id`
	sqlSelectGlassWaiting = glassColumnsPart + `WHERE reviewed_at = 0 ORDER BY review_by, id LIMIT $1`
	sqlSelectGlassNewest  = glassColumnsPart + `WHERE from_at > 0 ORDER BY from_at DESC, id LIMIT $1`
	sqlAllGlass           = `SELECT case_id, id FROM access_glass ORDER BY case_id, id`
	sqlEraseGlass         = `DELETE FROM access_glass WHERE case_id = $1`
	sqlCountGlass         = `SELECT outcome, COUNT(*), COUNT(CASE WHEN reviewed_at > 0 OR review_by < $2 THEN 1 END),
		COUNT(CASE WHEN reviewed_at > 0 AND reviewed_at <= review_by THEN 1 END)
		FROM access_glass WHERE from_at > $1 GROUP BY outcome ORDER BY outcome`
)
