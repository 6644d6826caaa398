package casework

const (
	strandColumns = `case_id, id, began_at, ended_at, kind, code, tie, version, row_mac`

	sqlSelectStrands = `SELECT ` + strandColumns + ` FROM casework_strand WHERE case_id = $1 ORDER BY began_at, id`
	sqlSelectStrand  = `SELECT ` + strandColumns + ` FROM casework_strand WHERE case_id = $1 AND id = $2`
	sqlInsertStrand  = `INSERT INTO casework_strand (case_id, id, began_at, ended_at, kind, code, tie, version, row_mac)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	sqlUpdateStrand = `UPDATE casework_strand SET began_at = $3, ended_at = $4, kind = $5, code = $6, tie = $7, version = $8,
		row_mac = $9 WHERE case_id = $1 AND id = $2 AND version = $10`

	// What goes on in other cases and is tied to this one: the same person, the same group.
	sqlSelectTied = `SELECT ` + strandColumns + ` FROM casework_strand
		WHERE tie IS NOT NULL AND tie IN (SELECT tie FROM casework_strand WHERE case_id = $1 AND tie IS NOT NULL AND kind <> 'intake')
		AND case_id <> $1 AND ended_at IS NULL ORDER BY case_id, id LIMIT 500`

	sqlSelectOpenGroup = `SELECT ` + strandColumns + ` FROM casework_strand
		WHERE case_id = $1 AND kind = 'group' AND ended_at IS NULL ORDER BY id`

	sqlSelectOpenCare = `SELECT ` + strandColumns + ` FROM casework_strand
		WHERE case_id = $1 AND kind = 'care' AND ended_at IS NULL ORDER BY id`

	// The children of a worker who live where a child is not safe (unsafeCare).
	sqlSelectUnsafe = `SELECT s.case_id, s.id, s.began_at, s.ended_at, s.kind, s.code, s.tie, s.version, s.row_mac
		FROM casework_case c JOIN casework_strand s ON s.case_id = c.id
		WHERE c.worker_id = $1 AND c.stage <> 'closed' AND s.kind = 'care' AND s.ended_at IS NULL
		AND s.code IN ('police_cell', 'immigration_detention', 'street', 'nobody', 'with_exploiter')
		ORDER BY s.began_at, s.case_id, s.id LIMIT $2`

	// The children of a group intake, one more than there may be.
	sqlSelectIntake = `SELECT ` + strandColumns + ` FROM casework_strand
		WHERE tie IS NOT NULL AND tie = $1 AND kind = 'intake' ORDER BY case_id, id LIMIT 61`
	sqlNewestArrival = `SELECT seq, id, at, kind, author, sealed, row_mac FROM casework_event
		WHERE case_id = $1 AND kind IN ('arrived', 'arrival-changed') ORDER BY seq DESC LIMIT 1`

	sqlAllStrands   = `SELECT case_id, id FROM casework_strand ORDER BY case_id, id`
	sqlEraseStrands = `DELETE FROM casework_strand WHERE case_id = $1`
)
