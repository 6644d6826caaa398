package deadline

import (
	"fmt"
	"strings"
)

const (
	columns     = `set_at, due, next_at, ended_at, level, version, case_id, id, kind, state, about, owner_id, unit_id, row_mac`
	stepColumns = `planned, at, case_id, deadline_id, step, id, to_staff, to_unit, row_mac`

	sqlInsert = `INSERT INTO deadline_due (` + columns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`
	sqlUpdate = `UPDATE deadline_due SET set_at = $1, due = $2, next_at = $3, ended_at = $4, level = $5, version = $6,
		kind = $9, state = $10, about = $11, owner_id = $12, unit_id = $13, row_mac = $14
		WHERE case_id = $7 AND id = $8 AND version = $15`
	sqlOfCase     = `SELECT ` + columns + ` FROM deadline_due WHERE case_id = $1 ORDER BY due, id`
	sqlOpenOfCase = `SELECT ` + columns + ` FROM deadline_due WHERE case_id = $1 AND state = 'open' ORDER BY due, id`
	sqlAll        = `SELECT case_id, id FROM deadline_due ORDER BY case_id, id`

	sqlSelectDue = `SELECT next_at, case_id, id FROM deadline_due
		WHERE next_at IS NOT NULL AND next_at <= $1 AND next_at >= $2 AND (next_at, case_id, id) > ($2, $3, $4)
		ORDER BY next_at, case_id, id LIMIT $5`
	sqlCasesOfOwner = `SELECT DISTINCT case_id FROM deadline_due WHERE owner_id = $1 AND state = 'open' ORDER BY case_id LIMIT $2`

	sqlOwned = `SELECT ` + columns + ` FROM deadline_due
		WHERE owner_id = $1 AND state = 'open' AND due < $2 ORDER BY due, case_id, id LIMIT $3`
	sqlOwnedOf = `SELECT ` + columns + ` FROM deadline_due
		WHERE owner_id = $1 AND state = 'open' AND kind IN ($2, $3, $4) ORDER BY due, case_id, id LIMIT $5`
	sqlCountOwned = `SELECT COUNT(*) FROM (SELECT 1 FROM deadline_due
		WHERE owner_id = $1 AND state = 'open' AND due < $2 LIMIT $3) few`
	sqlCountSpoken = `SELECT COUNT(*) FROM (SELECT 1 FROM deadline_due
		WHERE owner_id = $1 AND state = 'open' AND due < $2 AND level > 0 LIMIT $3) few`
	sqlCountAbove = `SELECT COUNT(*) FROM (SELECT 1 FROM deadline_due
		WHERE state = 'open' AND level >= 2 AND unit_id = $1 AND level >= 3 LIMIT $2) few`
	sqlNobodys = `SELECT ` + columns + ` FROM deadline_due
		WHERE state = 'open' AND owner_id IS NULL AND unit_id = $1 AND due < $2 ORDER BY due, case_id, id LIMIT $3`
	sqlLateAbove = `SELECT ` + columns + ` FROM deadline_due
		WHERE state = 'open' AND level >= 2 AND unit_id = $1 AND level >= $2 ORDER BY level, due, case_id, id LIMIT $3`
	sqlTally = `SELECT owner_id, level, COUNT(*) FROM deadline_due
		WHERE state = 'open' AND level >= 2 AND unit_id = $1 GROUP BY owner_id, level ORDER BY owner_id, level`
	sqlLateByUnit = `SELECT unit_id, COUNT(*), SUM(CASE WHEN level >= 3 THEN 1 ELSE 0 END), MIN(due) FROM deadline_due
		WHERE state = 'open' AND level >= 2 GROUP BY unit_id ORDER BY unit_id`
	sqlLateByKind = `SELECT kind, COUNT(*), SUM(CASE WHEN level >= 3 THEN 1 ELSE 0 END), MIN(due) FROM deadline_due
		WHERE state = 'open' AND level >= 2 GROUP BY kind ORDER BY kind`

	sqlInsertStep = `INSERT INTO deadline_step (` + stepColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	sqlStepsOfCase = `SELECT ` + stepColumns + ` FROM deadline_step WHERE case_id = $1 ORDER BY planned, at, step`
	sqlStepAt      = `SELECT at FROM deadline_step WHERE case_id = $1 AND deadline_id = $2 AND step = $3`
	sqlAllSteps    = `SELECT case_id, id FROM deadline_step ORDER BY case_id, deadline_id, step`
)

// sqlInCases names as many cases as one query may.
var sqlInCases = func() string {
	slots := make([]string, inCasesMost)
	for i := range slots {
		slots[i] = fmt.Sprintf("$%d", i+1)
	}
	return `SELECT ` + columns + ` FROM deadline_due WHERE case_id IN (` + strings.Join(slots, ",") + `) AND state = 'open' ORDER BY due, case_id, id`
}()
