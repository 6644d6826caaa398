package casework

import "causeway/internal/access"

const (
	erasureColumns = `case_id, id, version, row_mac, asked_at, agreed_at, decided_at, ground, wish, state, refusal, asker_id, first_id, refuser_id`

	sqlInsertErasure = `INSERT INTO casework_erasure (` + erasureColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`
	sqlUpdateErasure = `UPDATE casework_erasure SET version = $3, row_mac = $4, asked_at = $5, agreed_at = $6, decided_at = $7,
		ground = $8, wish = $9, state = $10, refusal = $11, asker_id = $12, first_id = $13, refuser_id = $14
		WHERE case_id = $1 AND id = $2 AND version = $15`
	sqlSelectErasures = `SELECT ` + erasureColumns + ` FROM casework_erasure WHERE case_id = $1 ORDER BY asked_at, id`
	sqlSelectErasure  = `SELECT ` + erasureColumns + ` FROM casework_erasure WHERE case_id = $1 AND id = $2`
	sqlAllErasures    = `SELECT case_id, id FROM casework_erasure ORDER BY case_id, id`
	sqlEraseErasures  = `DELETE FROM casework_erasure WHERE case_id = $1`
	sqlErasureParties = `SELECT asker_id, first_id FROM casework_erasure WHERE case_id = $1 AND id = $2`
	sqlErasuresWait   = `SELECT ` + erasureColumns + ` FROM casework_erasure WHERE state <> 'refused'
		ORDER BY asked_at, case_id, id LIMIT $1`

	sqlInsertErased = `INSERT INTO casework_erased (at, case_id, asker_id, ground) VALUES ($1, $2, $3, $4)`
	sqlErased       = `SELECT at, case_id, asker_id, ground FROM casework_erased ORDER BY at DESC, case_id LIMIT $1`
	sqlErasedFor    = `SELECT at, case_id, asker_id, ground FROM casework_erased WHERE asker_id = $1
		ORDER BY at DESC, case_id LIMIT $2`

	retentionColumns = `case_id, id, version, row_mac, set_at, review_at, class, setter_id`

	sqlInsertRetention = `INSERT INTO casework_retention (` + retentionColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	sqlUpdateRetention = `UPDATE casework_retention SET version = $3, row_mac = $4, set_at = $5, review_at = $6, class = $7,
		setter_id = $8 WHERE case_id = $1 AND id = $2 AND version = $9`
	sqlSelectRetention = `SELECT ` + retentionColumns + ` FROM casework_retention WHERE case_id = $1 ORDER BY set_at, id`
	sqlAllRetention    = `SELECT case_id, id FROM casework_retention ORDER BY case_id, id`
	sqlEraseRetention  = `DELETE FROM casework_retention WHERE case_id = $1`

	holdColumns = `case_id, id, version, row_mac, set_at, lifted_at, reason, setter_id, lifter_id`

	sqlInsertHold = `INSERT INTO casework_hold (` + holdColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	sqlUpdateHold = `UPDATE casework_hold SET version = $3, row_mac = $4, set_at = $5, lifted_at = $6, reason = $7,
		setter_id = $8, lifter_id = $9 WHERE case_id = $1 AND id = $2 AND version = $10`
	sqlSelectHolds = `SELECT ` + holdColumns + ` FROM casework_hold WHERE case_id = $1 ORDER BY set_at, id`
	sqlAllHolds    = `SELECT case_id, id FROM casework_hold ORDER BY case_id, id`
	sqlEraseHolds  = `DELETE FROM casework_hold WHERE case_id = $1`
)

// sqlErasuresReached reads the wishes in cases that the reader reaches: the holders in
// eight placeholders, the time, how many.
var sqlErasuresReached = `SELECT ` + erasureColumns + ` FROM casework_erasure WHERE state <> 'refused' AND EXISTS (
	SELECT 1 FROM casework_case c WHERE c.id = casework_erasure.case_id AND ` + access.ReachTo(1) + `)
	ORDER BY asked_at, case_id, id LIMIT $10`

// sqlRetentionOver reads the cases that were kept for their time, of those that the
// reader reaches: the holders in eight placeholders, the time, the day, how many.
var sqlRetentionOver = `SELECT ` + retentionColumns + ` FROM casework_retention WHERE review_at <= $10 AND EXISTS (
	SELECT 1 FROM casework_case c WHERE c.id = casework_retention.case_id AND ` + access.ReachTo(1) + `)
	ORDER BY review_at, case_id LIMIT $11`

var (
	erasureRows   = ledger{access.Ledger{Table: "casework_erasure", Insert: sqlInsertErasure, Update: sqlUpdateErasure, Of: sqlSelectErasures}, sqlAllErasures, sqlEraseErasures}
	retentionRows = ledger{access.Ledger{Table: "casework_retention", Insert: sqlInsertRetention, Update: sqlUpdateRetention, Of: sqlSelectRetention}, sqlAllRetention, sqlEraseRetention}
	holdRows      = ledger{access.Ledger{Table: "casework_hold", Insert: sqlInsertHold, Update: sqlUpdateHold, Of: sqlSelectHolds}, sqlAllHolds, sqlEraseHolds}
)
