package referral

const (
	abroadColumns = `case_id, id, version, row_mac, revision, sent_at, confirm_by, approved_at, late_at, recalled_at, arrived_at, taken_at, origin,
		wire, asked_id, asker, approver, peer, country, side, purpose, care, asked, reply, recall, recalled`

	sqlInsertAbroad = `INSERT INTO referral_abroad (` + abroadColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)`
	sqlUpdateAbroad = `UPDATE referral_abroad SET version = $3, row_mac = $4, revision = $5, sent_at = $6, confirm_by = $7, approved_at = $8,
		late_at = $9, recalled_at = $10, arrived_at = $11, taken_at = $12, origin = $13, wire = $14, asked_id = $15, asker = $16, approver = $17,
		peer = $18, country = $19, side = $20, purpose = $21, care = $22, asked = $23, reply = $24, recall = $25, recalled = $26
		WHERE case_id = $1 AND id = $2 AND version = $27`
	sqlSelectAbroad = `SELECT ` + abroadColumns + ` FROM referral_abroad WHERE case_id = $1 ORDER BY id`
	sqlOneAbroad    = `SELECT ` + abroadColumns + ` FROM referral_abroad WHERE case_id = $1 AND id = $2`
	sqlAboutAbroad  = `SELECT purpose FROM referral_abroad WHERE case_id = $1 AND id = $2`
	sqlAllAbroad    = `SELECT case_id, id FROM referral_abroad ORDER BY case_id, id`
	sqlEraseAbroad  = `DELETE FROM referral_abroad WHERE case_id = $1`
	sqlByWire       = `SELECT case_id, id FROM referral_abroad WHERE wire = $1 AND peer = $2 AND side = $3`
	sqlBehind       = `SELECT ` + threadColumns + ` FROM referral_thread WHERE (case_id, id) IN (SELECT case_id, id FROM referral_abroad
		WHERE wire = $1 AND peer = $2) ORDER BY case_id, id`
	sqlKnownPeer = `SELECT COUNT(*) FROM referral_abroad WHERE side = 'sent' AND peer = $1 AND sent_at IS NOT NULL`

	// What this side sent and nobody answered a day after the last moment for it, and
	// what this side got and nobody took on.
	sqlLateAbroad = `SELECT t.case_id, t.id FROM referral_thread t JOIN referral_abroad a ON a.case_id = t.case_id AND a.id = t.id
		WHERE a.side = 'sent' AND a.sent_at IS NOT NULL AND a.late_at IS NULL AND t.answered_at IS NULL
		AND t.state IN ('offered', 'needs_info') AND t.respond_by <= $1 ORDER BY t.respond_by, t.id LIMIT $2`
	sqlForgotten = `SELECT t.case_id, t.id FROM referral_thread t JOIN referral_abroad a ON a.case_id = t.case_id AND a.id = t.id
		WHERE a.side = 'received' AND a.taken_at IS NULL AND t.state IN ('declined', 'retracted', 'withdrawn', 'expired', 'closed')
		AND NOT EXISTS (SELECT 1 FROM referral_back b WHERE b.case_id = a.case_id AND b.id = a.id) ORDER BY t.case_id, t.id LIMIT $1`

	// What waits for a second person: in a unit, from others than one who looks; and of one
	// who wants to send.
	secondWaits = `EXISTS (SELECT 1 FROM referral_abroad a WHERE a.case_id = referral_thread.case_id AND a.id = referral_thread.id
		AND a.side = 'sent' AND (a.sent_at IS NULL AND referral_thread.state = '' OR a.sent_at IS NOT NULL AND a.confirm_by IS NOT NULL AND a.approved_at IS NULL)`
	sqlSeconds = `SELECT ` + threadColumns + ` FROM referral_thread WHERE from_unit = $1 AND ` + secondWaits + `
		AND COALESCE(a.asker, a.id) <> $2) ORDER BY offered_at, id LIMIT $3`
	sqlSecondsAsked = `SELECT ` + threadColumns + ` FROM referral_thread WHERE from_staff = $1 AND ` + secondWaits + `)
		ORDER BY offered_at, id LIMIT $2`

	protectionColumns   = `case_id, id, version, row_mac, at, officer, country, asylum, office, view, sealed`
	sqlInsertProtection = `INSERT INTO referral_protection (` + protectionColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	// A check is never changed: the query has the form of every ledger.
	sqlUpdateProtection = `UPDATE referral_protection SET version = $3, row_mac = $4, at = $5, officer = $6, country = $7, asylum = $8, office = $9,
		view = $10, sealed = $11 WHERE case_id = $1 AND id = $2 AND version = $12`
	sqlSelectProtections = `SELECT ` + protectionColumns + ` FROM referral_protection WHERE case_id = $1 ORDER BY at, id`
	sqlAllProtections    = `SELECT case_id, id FROM referral_protection ORDER BY case_id, id`
	sqlEraseProtections  = `DELETE FROM referral_protection WHERE case_id = $1`

	sqlInsertOver = `INSERT INTO referral_over (at, revision, wire, peer, state) VALUES ($1, $2, $3, $4, $5)`
	sqlSelectOver = `SELECT revision, state FROM referral_over WHERE peer = $1 AND wire = $2`
	backColumns   = `at, revision, accepted, assumed, taken, wire, case_id, id, peer, side, state`
	sqlKeepBack   = `INSERT INTO referral_back (` + backColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (peer, wire) DO UPDATE SET at = excluded.at, revision = excluded.revision, accepted = excluded.accepted,
		assumed = excluded.assumed, taken = excluded.taken OR referral_back.taken, case_id = excluded.case_id, id = excluded.id, state = excluded.state`
	sqlSelectBack    = `SELECT ` + backColumns + ` FROM referral_back WHERE peer = $1 AND wire = $2`
	sqlSelectMissing = `SELECT ` + backColumns + ` FROM referral_back WHERE case_id IS NULL ORDER BY at, peer, wire LIMIT $1`
	sqlDropBack      = `DELETE FROM referral_back WHERE peer = $1 AND wire = $2`
	sqlFoundBack     = `DELETE FROM referral_back WHERE peer = $1 AND wire = $2 AND case_id IS NULL`
	sqlEraseBack     = `DELETE FROM referral_back WHERE case_id = $1`
	// What came back of the threads of a unit, to be dealt with: the receiver's and the sender's.
	sqlBackThreads = `SELECT ` + threadColumns + ` FROM referral_thread WHERE (to_unit = $1 OR from_unit = $1)
		AND EXISTS (SELECT 1 FROM referral_back b WHERE b.case_id = referral_thread.case_id AND b.id = referral_thread.id)
		ORDER BY moved_at, id LIMIT $2`

	sqlUpdateOver = `UPDATE referral_over SET revision = $3 WHERE peer = $1 AND wire = $2`
)
