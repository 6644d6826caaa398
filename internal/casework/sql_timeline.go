package casework

const (
	sqlSelectTimeline = `SELECT seq, id, at, kind, author, sealed, row_mac FROM casework_event
		WHERE case_id = $1 AND seq < $2 AND at >= $3 AND at < $4 AND (kind = $5 OR $5 = '') ORDER BY seq DESC LIMIT $6`
	sqlCorrections = `SELECT seq, id, at, kind, author, sealed, row_mac FROM casework_event
		WHERE case_id = $1 AND kind = 'corrected' ORDER BY seq DESC LIMIT $2`
	// What may be addressed to somebody who does not work on the case, or come from them.
	sqlSelectAddressed = `SELECT seq, id, at, kind, author, sealed, row_mac FROM casework_event
		WHERE case_id = $1 AND kind IN ('reported-back', 'conference') ORDER BY seq DESC`
	sqlEventKinds = `SELECT DISTINCT kind FROM casework_event WHERE case_id = $1 ORDER BY kind`
	sqlEventKind  = `SELECT kind FROM casework_event WHERE case_id = $1 AND id = $2`
)
