package referral

import "causeway/internal/access"

const (
	claimColumns = `case_id, id, version, row_mac, at, answered_at, asker, unit, from_unit, decider, thread_id, state, reason, sealed`

	sqlInsertClaim = `INSERT INTO referral_claim (` + claimColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`
	sqlUpdateClaim = `UPDATE referral_claim SET version = $3, row_mac = $4, at = $5, answered_at = $6, asker = $7, unit = $8, from_unit = $9,
		decider = $10, thread_id = $11, state = $12, reason = $13, sealed = $14 WHERE case_id = $1 AND id = $2 AND version = $15`
	sqlSelectClaims = `SELECT ` + claimColumns + ` FROM referral_claim WHERE case_id = $1 ORDER BY at, id`
	sqlClaimsOf     = `SELECT ` + claimColumns + ` FROM referral_claim WHERE from_unit = $1 AND state = 'asked' ORDER BY at, id LIMIT $2`
	// What was answered of what somebody asked for; nothing of what was not.
	sqlMyClaims    = `SELECT ` + claimColumns + ` FROM referral_claim WHERE asker = $1 AND state IN ('accepted', 'refused') ORDER BY at DESC, id LIMIT 20`
	sqlAllClaims   = `SELECT case_id, id FROM referral_claim ORDER BY case_id, id`
	sqlEraseClaims = `DELETE FROM referral_claim WHERE case_id = $1`
)

// sqlClaimsOwn finds who asks for the cases that the reader reaches: the reader's
// holders, the time, how many.
var sqlClaimsOwn = `SELECT ` + claimColumns + ` FROM referral_claim WHERE state = 'asked' AND case_id IN (` + access.ReachedCases(1) + `) ORDER BY at, id LIMIT $10`
