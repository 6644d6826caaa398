package referral

import "causeway/internal/access"

const (
	threadColumns = `offered_at, respond_by, moved_at, due_at, accepted, assumed, case_id, id, kind, state, from_unit, from_staff,
		to_unit, to_staff, purpose, basis, service, urgency, language, sex, age_band, reason, suggested, outcome, parallel, answered_at, version, row_mac`

	sqlInsertThread = `INSERT INTO referral_thread (` + threadColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)`
	sqlUpdateThread = `UPDATE referral_thread SET offered_at = $1, respond_by = $2, moved_at = $3, due_at = $4, accepted = $5, assumed = $6,
		kind = $9, state = $10, from_unit = $11, from_staff = $12, to_unit = $13, to_staff = $14, purpose = $15, basis = $16, service = $17,
		urgency = $18, language = $19, sex = $20, age_band = $21, reason = $22, suggested = $23, outcome = $24, parallel = $25,
		answered_at = $26, version = $27, row_mac = $28
		WHERE case_id = $7 AND id = $8 AND version = $29`
	sqlSelectThread  = `SELECT ` + threadColumns + ` FROM referral_thread WHERE case_id = $1 AND id = $2`
	sqlSelectThreads = `SELECT ` + threadColumns + ` FROM referral_thread WHERE case_id = $1 ORDER BY offered_at DESC, id`

	sqlInbox = `SELECT ` + threadColumns + ` FROM referral_thread WHERE to_unit = $1 AND due_at IS NOT NULL
		AND state NOT IN ('declined', 'withdrawn', 'expired', 'retracted', 'closed') ORDER BY due_at, id LIMIT $2`
	sqlOutbox = `SELECT ` + threadColumns + ` FROM referral_thread WHERE from_unit = $1 AND due_at IS NOT NULL ORDER BY due_at, id LIMIT $2`

	sqlDueThreads = `SELECT case_id, id FROM referral_thread WHERE due_at IS NOT NULL AND due_at <= $1
		AND (state IN ('offered', 'needs_info', 'completed')
			OR state IN ('failed', 'handed_back') AND COALESCE(reason, '') <> 'child_not_there')
		AND NOT EXISTS (SELECT 1 FROM referral_abroad a WHERE a.case_id = referral_thread.case_id AND a.id = referral_thread.id AND a.side = 'sent')
		ORDER BY due_at, id LIMIT $2` // of what went abroad the other node's clock decides

	sqlInsertStep = `INSERT INTO referral_step (at, seq, case_id, id, thread_id, event, state, author, code, sealed, row_mac)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	sqlNextStep    = `SELECT COALESCE(MAX(seq), 0) + 1 FROM referral_step WHERE case_id = $1 AND thread_id = $2`
	sqlSelectSteps = `SELECT at, seq, case_id, id, thread_id, event, state, author, code, sealed, row_mac FROM referral_step
		WHERE case_id = $1 AND thread_id = $2 ORDER BY seq`

	sqlEraseThreads = `DELETE FROM referral_thread WHERE case_id = $1`
	sqlEraseSteps   = `DELETE FROM referral_step WHERE case_id = $1`
	sqlThreadIDs    = `SELECT id FROM referral_thread WHERE case_id = $1 ORDER BY id`
	sqlAllThreads   = `SELECT case_id, id FROM referral_thread ORDER BY case_id, id`
	sqlAllSteps     = `SELECT case_id, id FROM referral_step ORDER BY case_id, id`
	sqlCaseSteps    = `SELECT at, seq, case_id, id, thread_id, event, state, author, code, sealed, row_mac FROM referral_step
		WHERE case_id = $1 ORDER BY id`
)

// sqlCountIn counts what waits for the receiver in one unit, but for what is withheld
// from the reader: the reader's people, the time, the unit.
var sqlCountIn = `SELECT COUNT(*) FROM (SELECT case_id AS id FROM referral_thread WHERE to_unit = $10 AND due_at IS NOT NULL
	AND state IN ('offered', 'released')) c WHERE ` + access.NotWithheld(1)

// sqlOutboxOwn finds what was sent out of the cases that the reader reaches, who
// reaches few: the reader's holders, the time, how many.
var sqlOutboxOwn = `SELECT ` + threadColumns + ` FROM referral_thread WHERE due_at IS NOT NULL AND case_id IN (` +
	access.ReachedCases(1) + `) ORDER BY due_at, id LIMIT $10`
