package match

const (
	agreementColumns = `version, first_at, second_at, from_at, ended_at, id, first_by, second_by, purpose, peer, side, state, ended_by, terms, theirs, row_mac`

	sqlInsertAgreement = `INSERT INTO match_agreement (` + agreementColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`
	sqlUpdateAgreement = `UPDATE match_agreement SET version = $1, first_at = $2, second_at = $3, from_at = $4, ended_at = $5, first_by = $7,
		second_by = $8, purpose = $9, peer = $10, side = $11, state = $12, ended_by = $13, terms = $14, theirs = $15, row_mac = $16
		WHERE id = $6 AND version = $17`
	sqlSelectAgreement  = `SELECT ` + agreementColumns + ` FROM match_agreement WHERE id = $1`
	sqlSelectAgreements = `SELECT ` + agreementColumns + ` FROM match_agreement ORDER BY ended_at, peer, purpose, side, id`
)
