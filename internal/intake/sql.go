package intake

const (
	importColumns = `id, started_by, state, failure, size, total, ready, again, last_row, batches, registered, refused,
		created_at, updated_at, expires_at, version, seals, sealed`

	sqlInsertImport = `INSERT INTO intake_import (id, started_by, state, failure, size, total, ready, again, last_row, batches,
		registered, refused, created_at, updated_at, expires_at, version, seals, sealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`
	sqlUpdateImport = `UPDATE intake_import SET state = $2, failure = $3, total = $4, ready = $5, again = $6, last_row = $7,
		batches = $8, registered = $9, refused = $10, updated_at = $11, version = version + 1
		WHERE id = $1 AND version = $12`
	sqlBeatImport = `UPDATE intake_import SET last_row = $2, total = $3, updated_at = $4
		WHERE id = $1 AND version = $5 AND state = 'running'`
	sqlSealImport   = `UPDATE intake_import SET seals = $2, sealed = $3 WHERE id = $1 AND seals = $4`
	sqlSelectImport = `SELECT ` + importColumns + ` FROM intake_import
		WHERE id = $1 AND started_by = $2 AND expires_at > $3`
	sqlSelectImports = `SELECT ` + importColumns + ` FROM intake_import
		WHERE started_by = $1 AND expires_at > $2 ORDER BY created_at DESC, id LIMIT 50`
	sqlDeleteImport  = `DELETE FROM intake_import WHERE id = $1`
	sqlSelectExpired = `SELECT id FROM intake_import WHERE expires_at <= $1 ORDER BY expires_at, id LIMIT 10`
	sqlSelectFiles   = `SELECT id FROM intake_import WHERE id = $1 AND state <> 'done' AND expires_at > $2`

	sqlInsertBatch = `INSERT INTO intake_batch (import_id, n, first_row, last_row, row_count, at, marks)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	sqlSelectMarks   = `SELECT marks FROM intake_batch WHERE import_id = $1 ORDER BY n`
	sqlDeleteBatches = `DELETE FROM intake_batch WHERE import_id = $1`

	sqlInsertProblem = `INSERT INTO intake_problem (import_id, row_no, column_no, code, stop, sealed)
		VALUES ($1, $2, $3, $4, $5, $6)`
	sqlSelectProblems = `SELECT row_no, column_no, code, stop, sealed FROM intake_problem
		WHERE import_id = $1 AND row_no >= $2 ORDER BY row_no, column_no, code LIMIT $3`
	sqlCountProblems  = `SELECT COUNT(*) FROM intake_problem WHERE import_id = $1`
	sqlDeleteProblems = `DELETE FROM intake_problem WHERE import_id = $1`
)
