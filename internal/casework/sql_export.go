package casework

const (
	exportColumns = `at, fetched_at, cases, version, id, staff_id, format, plain, sealed`

	sqlInsertExport = `INSERT INTO casework_export (` + exportColumns + `)
		VALUES ($1, NULL, $2, 1, $3, $4, $5, $6, $7)`
	sqlSelectExport = `SELECT ` + exportColumns + ` FROM casework_export WHERE id = $1 AND staff_id = $2`
	sqlOwnExports   = `SELECT ` + exportColumns + ` FROM casework_export WHERE staff_id = $1 ORDER BY at DESC, id LIMIT $2`
	sqlFetchExport  = `UPDATE casework_export SET fetched_at = $3, version = version + 1, sealed = $4
		WHERE id = $1 AND version = $2`
	sqlExportsBelow = `SELECT id, version, sealed FROM casework_export WHERE sealed < $1 ORDER BY id LIMIT $2`
	sqlResealExport = `UPDATE casework_export SET sealed = $3 WHERE id = $1 AND version = $2`
)
