package referral

const (
	disclosureColumns = `at, number, tell_by, unit, notes, case_id, id, recipient, purpose, basis, request, author, digest, sealed, row_mac`

	sqlNextNumber       = `SELECT COALESCE(MAX(number), 0) + 1 FROM referral_disclosure WHERE case_id = $1`
	sqlInsertDisclosure = `INSERT INTO referral_disclosure (` + disclosureColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`
	sqlSelectDisclosures = `SELECT ` + disclosureColumns + ` FROM referral_disclosure WHERE case_id = $1 ORDER BY number`
	sqlCasesToldTo       = `SELECT DISTINCT case_id FROM referral_disclosure WHERE recipient IN ($1, $2) ORDER BY case_id LIMIT $3`

	markColumns    = `at, case_id, id, about, kind, author, row_mac`
	sqlInsertMark  = `INSERT INTO referral_mark (` + markColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	sqlSelectMarks = `SELECT ` + markColumns + ` FROM referral_mark WHERE case_id = $1 ORDER BY at, id`

	sqlAllDisclosures   = `SELECT case_id, digest FROM referral_disclosure ORDER BY case_id, id`
	sqlAllMarks         = `SELECT case_id, id FROM referral_mark ORDER BY case_id, id`
	sqlEraseDisclosures = `DELETE FROM referral_disclosure WHERE case_id = $1`
	sqlEraseMarks       = `DELETE FROM referral_mark WHERE case_id = $1`
)
