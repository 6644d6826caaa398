package referral

const (
	memberColumns = `case_id, id, version, row_mac, since, ended_at, staff_id, role, wanted, conflict, sealed`

	sqlInsertMember = `INSERT INTO referral_member (` + memberColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	sqlUpdateMember = `UPDATE referral_member SET version = $3, row_mac = $4, since = $5, ended_at = $6, staff_id = $7, role = $8,
		wanted = $9, conflict = $10, sealed = $11 WHERE case_id = $1 AND id = $2 AND version = $12`
	sqlSelectMembers = `SELECT ` + memberColumns + ` FROM referral_member WHERE case_id = $1 ORDER BY since, id`
	sqlCasesHelped   = `SELECT DISTINCT case_id FROM referral_member WHERE staff_id = $1 AND ended_at IS NULL ORDER BY case_id LIMIT $2`
	sqlMyRoles       = `SELECT case_id, role, since FROM referral_member WHERE staff_id = $1 AND ended_at IS NULL ORDER BY since, id`
	sqlAllMembers    = `SELECT case_id, id FROM referral_member ORDER BY case_id, id`
	sqlEraseMembers  = `DELETE FROM referral_member WHERE case_id = $1`

	requestColumns = `case_id, id, version, row_mac, at, decided_at, asker, decider, purpose, state, reason, sealed`

	sqlInsertRequest = `INSERT INTO referral_request (` + requestColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	sqlUpdateRequest = `UPDATE referral_request SET version = $3, row_mac = $4, at = $5, decided_at = $6, asker = $7, decider = $8,
		purpose = $9, state = $10, reason = $11, sealed = $12 WHERE case_id = $1 AND id = $2 AND version = $13`
	sqlSelectRequests = `SELECT ` + requestColumns + ` FROM referral_request WHERE case_id = $1 ORDER BY at, id`
	// What was decided of what somebody asked for; nothing of what was not.
	sqlMyAnswers     = `SELECT ` + requestColumns + ` FROM referral_request WHERE asker = $1 AND state <> 'asked' ORDER BY at DESC, id LIMIT 50`
	sqlAllRequests   = `SELECT case_id, id FROM referral_request ORDER BY case_id, id`
	sqlEraseRequests = `DELETE FROM referral_request WHERE case_id = $1`
)
