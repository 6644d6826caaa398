package casework

import "causeway/internal/access"

const (
	requestColumns = `case_id, id, version, row_mac, received_at, due_at, decided_at, event_seq, kind, asked_by, how, identity, state, refusal,
		receiver_id, decider_id`

	sqlInsertRequest = `INSERT INTO casework_request (` + requestColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`
	sqlUpdateRequest = `UPDATE casework_request SET version = $3, row_mac = $4, received_at = $5, due_at = $6, decided_at = $7,
		event_seq = $8, kind = $9, asked_by = $10, how = $11, identity = $12, state = $13, refusal = $14, receiver_id = $15,
		decider_id = $16 WHERE case_id = $1 AND id = $2 AND version = $17`
	sqlSelectRequests = `SELECT ` + requestColumns + ` FROM casework_request WHERE case_id = $1 ORDER BY received_at, id`
	sqlAllRequests    = `SELECT case_id, id FROM casework_request ORDER BY case_id, id`
	sqlEraseRequests  = `DELETE FROM casework_request WHERE case_id = $1`
	sqlCorrecting     = `SELECT kind FROM casework_event WHERE case_id = $1 AND seq = $2 AND at >= $3`
)

// sqlRequestsOpen reads what waits for an answer in the cases that the reader reaches,
// the soonest due first: the holders in eight placeholders, the time, how many.
var sqlRequestsOpen = `SELECT ` + requestColumns + ` FROM casework_request WHERE state = 'open' AND EXISTS (
	SELECT 1 FROM casework_case c WHERE c.id = casework_request.case_id AND ` + access.ReachTo(1) + `)
	ORDER BY due_at, case_id, id LIMIT $10`

var requestRows = ledger{access.Ledger{Table: "casework_request", Insert: sqlInsertRequest, Update: sqlUpdateRequest, Of: sqlSelectRequests}, sqlAllRequests, sqlEraseRequests}
