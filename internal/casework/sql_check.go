package casework

const (
	checkColumns = `case_id, made_at, handed_at, due_at, taken_at, registered_at, urgent, staff_id, unit_id, above_id,
		taken_unit, taken_role, sealed, version, row_mac`

	sqlSelectCheck = `SELECT ` + checkColumns + ` FROM casework_check WHERE case_id = $1`
	sqlInsertCheck = `INSERT INTO casework_check (case_id, made_at, handed_at, due_at, taken_at, registered_at, urgent, staff_id,
		unit_id, above_id, taken_unit, taken_role, sealed, version, row_mac)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`
	sqlUpdateCheck = `UPDATE casework_check SET made_at = $2, handed_at = $3, due_at = $4, taken_at = $5, registered_at = $6,
		urgent = $7, staff_id = $8, unit_id = $9, above_id = $10, taken_unit = $11, taken_role = $12, sealed = $13,
		version = $14, row_mac = $15 WHERE case_id = $1 AND version = $16`

	// The receipts of one person.
	sqlSelectReceipts = `SELECT ` + checkColumns + ` FROM casework_check
		WHERE staff_id = $1 ORDER BY made_at DESC, case_id LIMIT $2`
	sqlSelectReceipt = `SELECT ` + checkColumns + ` FROM casework_check WHERE staff_id = $1 AND case_id = $2`

	// What waits on the duty list of a unit: its own, and what is late in the units
	// below it. The words after WHERE begin as those of the partial index.
	sqlSelectDuty = `SELECT ` + checkColumns + ` FROM casework_check
		WHERE handed_at IS NOT NULL AND taken_at IS NULL AND (unit_id = $1 OR above_id = $1 AND due_at < $2)
		ORDER BY urgent DESC, due_at, case_id LIMIT $3`

	// What has been kept long enough: made before then, not registered, not waiting
	// for somebody to take it over, and no act about the case since then either.
	sqlSelectExpired = `SELECT k.case_id FROM casework_check k JOIN casework_case c ON c.id = k.case_id
		WHERE k.registered_at IS NULL AND k.made_at < $1 AND c.updated_at < $1
		AND (k.handed_at IS NULL OR k.taken_at IS NOT NULL)
		ORDER BY k.made_at, k.case_id LIMIT $2`

	sqlAllChecks = `SELECT case_id, case_id FROM casework_check ORDER BY case_id`

	sqlEraseCase       = `DELETE FROM casework_case WHERE id = $1`
	sqlEraseEvents     = `DELETE FROM casework_event WHERE case_id = $1`
	sqlEraseCheck      = `DELETE FROM casework_check WHERE case_id = $1`
	sqlInsertTombstone = `INSERT INTO casework_tombstone (at, case_id) VALUES ($1, $2)`
	sqlTombstones      = `SELECT case_id FROM casework_tombstone ORDER BY case_id`
)
