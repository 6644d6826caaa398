package casework

const (
	statusColumns = `at, seq, valid_from, valid_until, appeal_until, id, kind, state, author, sealed, row_mac`

	sqlInsertStatus = `INSERT INTO casework_status (case_id, ` + statusColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	sqlSelectStatuses = `SELECT ` + statusColumns + ` FROM casework_status WHERE case_id = $1 ORDER BY seq DESC`
	sqlAllStatuses    = `SELECT case_id, id FROM casework_status ORDER BY case_id, seq`
	sqlEraseStatuses  = `DELETE FROM casework_status WHERE case_id = $1`

	actColumns = `asked_at, planned_at, ended_at, happened_at, recorded_at, reviewed_at, emergency, breach, version, id, kind,
		basis_id, planner_id, recorder_id, reviewer_id, row_mac`

	sqlInsertAct = `INSERT INTO casework_act (case_id, ` + actColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`
	sqlUpdateAct = `UPDATE casework_act SET asked_at = $2, planned_at = $3, ended_at = $4, happened_at = $5, recorded_at = $6,
		reviewed_at = $7, emergency = $8, breach = $9, version = $10, kind = $12, basis_id = $13, planner_id = $14,
		recorder_id = $15, reviewer_id = $16, row_mac = $17
		WHERE case_id = $1 AND id = $11 AND version = $18`
	sqlSelectActs = `SELECT ` + actColumns + ` FROM casework_act WHERE case_id = $1
		ORDER BY COALESCE(recorded_at, asked_at) DESC, id`
	sqlAllActs   = `SELECT case_id, id FROM casework_act ORDER BY case_id, id`
	sqlEraseActs = `DELETE FROM casework_act WHERE case_id = $1`

	missingColumns = `since_at, made_at, told_at, reviewed_at, found_at, talked_at, version, id, stage, row_mac`

	sqlInsertMissing = `INSERT INTO casework_missing (case_id, ` + missingColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	sqlUpdateMissing = `UPDATE casework_missing SET since_at = $2, made_at = $3, told_at = $4, reviewed_at = $5, found_at = $6,
		talked_at = $7, version = $8, stage = $10, row_mac = $11
		WHERE case_id = $1 AND id = $9 AND version = $12`
	sqlSelectMissing = `SELECT ` + missingColumns + ` FROM casework_missing WHERE case_id = $1 ORDER BY made_at DESC, id`
	sqlAllMissing    = `SELECT case_id, id FROM casework_missing ORDER BY case_id, id`
	sqlEraseMissing  = `DELETE FROM casework_missing WHERE case_id = $1`
)
