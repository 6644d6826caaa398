package casework

const itemColumns = `at, due, ended_at, case_id, kind, state, owner_id, about, author, sealed, id, version, row_mac`

const (
	sqlInsertFlag = `INSERT INTO casework_flag (` + itemColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	sqlEndFlag = `UPDATE casework_flag SET state = $3, ended_at = $4, version = $5, row_mac = $6
		WHERE case_id = $1 AND id = $2 AND version = $7`
	sqlSelectFlag = `SELECT ` + itemColumns + ` FROM casework_flag WHERE case_id = $1 AND id = $2`
	sqlShownFlags = `SELECT ` + itemColumns + ` FROM casework_flag WHERE case_id = $1
		ORDER BY ended_at IS NULL DESC, ended_at DESC, due IS NULL, due, at, id LIMIT $2`
	sqlFlagsOfCase = `SELECT ` + itemColumns + ` FROM casework_flag WHERE case_id = $1 ORDER BY id`
	sqlAllFlags    = `SELECT case_id, id FROM casework_flag ORDER BY case_id, id`
	sqlEraseFlags  = `DELETE FROM casework_flag WHERE case_id = $1`

	sqlInsertTask = `INSERT INTO casework_task (` + itemColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	sqlEndTask = `UPDATE casework_task SET state = $3, ended_at = $4, version = $5, row_mac = $6
		WHERE case_id = $1 AND id = $2 AND version = $7`
	sqlSelectTask = `SELECT ` + itemColumns + ` FROM casework_task WHERE case_id = $1 AND id = $2`
	sqlShownTasks = `SELECT ` + itemColumns + ` FROM casework_task WHERE case_id = $1
		ORDER BY ended_at IS NULL DESC, ended_at DESC, due IS NULL, due, at, id LIMIT $2`
	sqlTasksOfCase = `SELECT ` + itemColumns + ` FROM casework_task WHERE case_id = $1 ORDER BY id`
	sqlAllTasks    = `SELECT case_id, id FROM casework_task ORDER BY case_id, id`
	sqlEraseTasks  = `DELETE FROM casework_task WHERE case_id = $1`
)

// itemSQL are the queries of the two tables, which have the same columns.
var itemSQL = map[string]struct{ insert, end, one, shown, all string }{
	flagTable: {sqlInsertFlag, sqlEndFlag, sqlSelectFlag, sqlShownFlags, sqlFlagsOfCase},
	taskTable: {sqlInsertTask, sqlEndTask, sqlSelectTask, sqlShownTasks, sqlTasksOfCase},
}
