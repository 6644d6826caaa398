package referral

import "causeway/internal/access"

const (
	bookingColumns = `case_id, thread_id, version, row_mac, starts_at, minutes, proposed_at, sign, undertaken, mode, gender, excludes, sealed`

	sqlInsertBooking = `INSERT INTO referral_booking (` + bookingColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	sqlUpdateBooking = `UPDATE referral_booking SET version = $3, row_mac = $4, starts_at = $5, minutes = $6, proposed_at = $7, sign = $8,
		undertaken = $9, mode = $10, gender = $11, excludes = $12, sealed = $13 WHERE case_id = $1 AND thread_id = $2 AND version = $14`
	sqlSelectBooking = `SELECT ` + bookingColumns + ` FROM referral_booking WHERE case_id = $1 AND thread_id = $2`
	sqlCaseBookings  = `SELECT ` + bookingColumns + ` FROM referral_booking WHERE case_id = $1 ORDER BY thread_id`
	sqlAllBookings   = `SELECT case_id, thread_id FROM referral_booking ORDER BY case_id, thread_id`
	sqlEraseBookings = `DELETE FROM referral_booking WHERE case_id = $1`

	nobodyPart = `due_at IS NOT NULL AND state IN ('declined', 'expired', 'failed', 'handed_back')
		AND (case_id, id) IN (SELECT case_id, thread_id FROM referral_booking)`
)

// sqlNobodyOwn counts the bookings that nobody keeps, of the cases that the reader
// reaches: the reader's holders, the time. sqlNobody is for who looks after a unit.
var (
	sqlNobodyOwn = `SELECT COUNT(*) FROM referral_thread WHERE ` + nobodyPart + ` AND case_id IN (` + access.ReachedCases(1) + `)`
	sqlNobody    = `SELECT COUNT(*) FROM (SELECT case_id AS id FROM referral_thread WHERE from_unit = $10 AND ` + nobodyPart + `) c WHERE ` + access.NotWithheld(1)
)
