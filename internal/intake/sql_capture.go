package intake

const (
	captureColumns = `received_at, settled_at, version, id, author, unit, sent_by, settled_by, meant_for, kind, state, reason, digest, sealed`

	sqlInsertCapture = `INSERT INTO intake_capture (received_at, version, id, author, unit, sent_by, kind, state, reason, digest, sealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	sqlSelectCapture  = `SELECT ` + captureColumns + ` FROM intake_capture WHERE id = $1`
	sqlSelectCaptures = `SELECT ` + captureColumns + ` FROM intake_capture
		WHERE state = $1 AND received_at < $2 ORDER BY received_at, id LIMIT $3`
	sqlAuthorCaptures = `SELECT ` + captureColumns + ` FROM intake_capture
		WHERE author = $1 AND state = 'waiting' ORDER BY received_at, id LIMIT $2`
	sqlWaitingCaptures = `SELECT ` + captureColumns + ` FROM intake_capture
		WHERE state = 'waiting' AND (received_at > $1 OR received_at = $1 AND id > $2) ORDER BY received_at, id LIMIT $3`
	sqlWaitCapture = `UPDATE intake_capture SET state = 'waiting', reason = $2, meant_for = $3
		WHERE id = $1 AND state = 'received'`
	sqlSettleCapture = `UPDATE intake_capture SET state = $2, settled_at = $3, settled_by = $4, sealed = $5, meant_for = NULL,
		version = version + 1 WHERE id = $1 AND version = $6 AND state IN ('received', 'waiting')`
	sqlCapturesBelow = `SELECT ` + captureColumns + ` FROM intake_capture
		WHERE sealed < $1 ORDER BY id LIMIT $2`
	sqlResealCapture = `UPDATE intake_capture SET sealed = $2 WHERE id = $1 AND version = $3`
	sqlMeantCaptures = `SELECT ` + captureColumns + ` FROM intake_capture
		WHERE state = 'waiting' AND meant_for IS NOT NULL ORDER BY received_at, id`
	sqlForgetCapture = `UPDATE intake_capture SET state = 'discarded', reason = 'capture-erased', settled_at = $2, sealed = NULL,
		meant_for = NULL, version = version + 1 WHERE id = $1`
	sqlForgetMeant = `UPDATE intake_capture SET state = 'discarded', reason = 'capture-erased', settled_at = $2, sealed = NULL,
		meant_for = NULL, version = version + 1 WHERE meant_for = $1 AND state = 'waiting'`
)
