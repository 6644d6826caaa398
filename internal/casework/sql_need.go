package casework

import "causeway/internal/access"

const (
	needColumns = `case_id, id, version, row_mac, asked_at, requested_at, due_at, delivered_at, ended_at, service, state,
		outcome, unmet, staff_id`

	sqlInsertNeed = `INSERT INTO casework_need (` + needColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`
	sqlUpdateNeed = `UPDATE casework_need SET version = $3, row_mac = $4, asked_at = $5, requested_at = $6, due_at = $7,
		delivered_at = $8, ended_at = $9, service = $10, state = $11, outcome = $12, unmet = $13, staff_id = $14
		WHERE case_id = $1 AND id = $2 AND version = $15`
	sqlSelectNeeds = `SELECT ` + needColumns + ` FROM casework_need WHERE case_id = $1 ORDER BY asked_at, id`
	sqlSelectNeed  = `SELECT ` + needColumns + ` FROM casework_need WHERE case_id = $1 AND id = $2`
	sqlAllNeeds    = `SELECT case_id, id FROM casework_need ORDER BY case_id, id`
	sqlEraseNeeds  = `DELETE FROM casework_need WHERE case_id = $1`
	sqlNeedIDs     = `SELECT id FROM casework_need WHERE case_id = $1 ORDER BY id`
)

// needs is the ledger of what children need.
var needs = ledger{access.Ledger{Table: "casework_need", Insert: sqlInsertNeed, Update: sqlUpdateNeed, Of: sqlSelectNeeds}, sqlAllNeeds, sqlEraseNeeds}
