package directory

const (
	contactColumns = `id, version, confirmed_at, ended, confirmed_by, country, authority, office, body, row_mac`

	sqlInsertContact = `INSERT INTO directory_contact (` + contactColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	sqlUpdateContact = `UPDATE directory_contact SET version = $2, confirmed_at = $3, ended = $4, confirmed_by = $5, country = $6,
		authority = $7, office = $8, body = $9, row_mac = $10 WHERE id = $1 AND version = $11`
	sqlSelectContacts = `SELECT ` + contactColumns + ` FROM directory_contact WHERE NOT ended ORDER BY country, authority, office, id`
	sqlSelectContact  = `SELECT ` + contactColumns + ` FROM directory_contact WHERE id = $1 AND NOT ended`
)
