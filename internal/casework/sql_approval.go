package casework

import "causeway/internal/access"

const (
	approvalColumns = `case_id, id, version, row_mac, asked_at, due_at, decided_at, about, what, code, state, asker_id, decider_id`

	sqlInsertApproval = `INSERT INTO casework_approval (` + approvalColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	sqlUpdateApproval = `UPDATE casework_approval SET version = $3, row_mac = $4, asked_at = $5, due_at = $6, decided_at = $7,
		about = $8, what = $9, code = $10, state = $11, asker_id = $12, decider_id = $13
		WHERE case_id = $1 AND id = $2 AND version = $14`
	sqlSelectApprovals = `SELECT ` + approvalColumns + ` FROM casework_approval WHERE case_id = $1 ORDER BY asked_at, id`
	sqlSelectApproval  = `SELECT ` + approvalColumns + ` FROM casework_approval WHERE case_id = $1 AND id = $2`
	sqlApprovalsOf     = `SELECT ` + approvalColumns + ` FROM casework_approval WHERE case_id = $1 AND about = $2 ORDER BY asked_at, id`
	sqlAllApprovals    = `SELECT case_id, id FROM casework_approval ORDER BY case_id, id`
	sqlEraseApprovals  = `DELETE FROM casework_approval WHERE case_id = $1`
	sqlApprovalAsker   = `SELECT asker_id FROM casework_approval WHERE case_id = $1 AND id = $2`

	sqlMyApprovals = `SELECT ` + approvalColumns + ` FROM casework_approval
		WHERE asker_id = $1 AND state IN ('asked', 'returned') ORDER BY due_at, case_id, id LIMIT $2`
)

// sqlApprovalsWaiting reads what waits in the cases that the reader reaches, the
// soonest due first: the holders in eight placeholders, the time, how many.
var sqlApprovalsWaiting = `SELECT ` + approvalColumns + ` FROM casework_approval WHERE state = 'asked' AND EXISTS (
	SELECT 1 FROM casework_case c WHERE c.id = casework_approval.case_id AND ` + access.ReachTo(1) + `)
	ORDER BY due_at, case_id, id LIMIT $10`

// approvals is the ledger of what was approved, returned, or waits.
var approvals = ledger{access.Ledger{Table: "casework_approval", Insert: sqlInsertApproval, Update: sqlUpdateApproval, Of: sqlSelectApprovals}, sqlAllApprovals, sqlEraseApprovals}
