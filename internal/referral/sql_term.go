package referral

const (
	termColumns   = `case_id, id, version, row_mac, keep_until, ended_at, handling, onward, nodes, court, roles, flags, expiry, outcome`
	sqlInsertTerm = `INSERT INTO referral_term (` + termColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`
	sqlUpdateTerm = `UPDATE referral_term SET version = $3, row_mac = $4, keep_until = $5, ended_at = $6, handling = $7, onward = $8, nodes = $9,
		court = $10, roles = $11, flags = $12, expiry = $13, outcome = $14 WHERE case_id = $1 AND id = $2 AND version = $15`
	sqlSelectTerms = `SELECT ` + termColumns + ` FROM referral_term WHERE case_id = $1 ORDER BY id`
	sqlOneTerm     = `SELECT ` + termColumns + ` FROM referral_term WHERE case_id = $1 AND id = $2`
	sqlAllTerms    = `SELECT case_id, id FROM referral_term ORDER BY case_id, id`
	sqlEraseTerms  = `DELETE FROM referral_term WHERE case_id = $1`

	// What was said in a thread is destroyed in its steps, which stay.
	sqlEmptyStep  = `UPDATE referral_step SET sealed = $3, row_mac = $4 WHERE case_id = $1 AND id = $2`
	sqlCameByWire = `SELECT case_id, id FROM referral_abroad WHERE wire = $1 AND side = 'received' ORDER BY case_id, id LIMIT 1`
)
