package referral

import "causeway/internal/access"

// sqlLateOut finds what was sent out of a unit and is late.
const sqlLateOut = `SELECT ` + threadColumns + ` FROM referral_thread WHERE from_unit = $1 AND due_at IS NOT NULL AND due_at <= $2
	AND NOT assumed ORDER BY due_at, id LIMIT $3`

// sqlWaitsOut and sqlWaitsIn count what waits, or was not answered lately, of what was
// sent out of a unit and of what came to it, but for what is withheld from the reader:
// the reader's people, the time, the unit, since when.
var (
	sqlWaitsOut = waits(`from_unit = $10 AND NOT assumed`)
	sqlWaitsIn  = waits(`to_unit = $10`)
)

func waits(which string) string {
	return `SELECT from_staff, to_unit, to_staff, kind, state, SUM(CASE WHEN due_at IS NULL THEN 0 ELSE 1 END),
		SUM(CASE WHEN due_at <= $9 THEN 1 ELSE 0 END), SUM(CASE WHEN state = 'expired' AND moved_at >= $11 THEN 1 ELSE 0 END), MIN(due_at)
	FROM (SELECT case_id AS id, from_staff, to_unit, to_staff, kind, state, due_at, moved_at FROM referral_thread
		WHERE ` + which + ` AND due_at IS NOT NULL
		UNION ALL SELECT case_id AS id, from_staff, to_unit, to_staff, kind, state, due_at, moved_at FROM referral_thread
		WHERE ` + which + ` AND due_at IS NULL AND state = 'expired' AND moved_at >= $11) c
	WHERE ` + access.NotWithheld(1) + ` GROUP BY from_staff, to_unit, to_staff, kind, state ORDER BY to_unit, from_staff, to_staff, kind, state`
}

// sqlFlowThreads reads for the figures of the whole what was offered since a time, and
// what is late now, in the order of the cases.
const sqlFlowThreads = `SELECT case_id, offered_at, respond_by, answered_at, due_at, kind, state, from_unit, to_unit, reason, outcome
	FROM referral_thread WHERE offered_at >= $1 OR due_at <= $2 ORDER BY case_id, id`
