package consent

const (
	recordColumns = `at, seq, until_at, id, recipient, about, kind, purpose, state, basis, author, sealed, row_mac`

	sqlInsertRecord = `INSERT INTO consent_record (at, seq, until_at, case_id, id, recipient, about, kind, purpose, state, basis,
		author, sealed, row_mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`
	sqlSelectRecords = `SELECT ` + recordColumns + ` FROM consent_record WHERE case_id = $1 ORDER BY seq DESC`
	sqlSelectRecord  = `SELECT ` + recordColumns + ` FROM consent_record WHERE case_id = $1 AND id = $2`
	sqlSelectPurpose = `SELECT ` + recordColumns + ` FROM consent_record
		WHERE case_id = $1 AND kind = $2 AND purpose = $3 ORDER BY seq DESC`
	sqlAllRecords   = `SELECT case_id, id FROM consent_record ORDER BY case_id, seq`
	sqlEraseRecords = `DELETE FROM consent_record WHERE case_id = $1`

	sqlInsertPrivileged = `INSERT INTO consent_privileged (at, seq, case_id, id, author, sealed, row_mac)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	sqlOwnPrivileged = `SELECT at, seq, id, author, sealed, row_mac FROM consent_privileged
		WHERE case_id = $1 AND author = $2 ORDER BY seq DESC`
	sqlSelectPrivileged = `SELECT at, seq, id, author, sealed, row_mac FROM consent_privileged WHERE case_id = $1 ORDER BY seq`
	sqlAllPrivileged    = `SELECT case_id, id FROM consent_privileged ORDER BY case_id, seq`
	sqlErasePrivileged  = `DELETE FROM consent_privileged WHERE case_id = $1`
)
