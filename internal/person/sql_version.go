package person

const (
	versionColumns = `written_at, version, person_id, id, subject, sealed, row_mac`

	sqlInsertVersion = `INSERT INTO person_former (` + versionColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	sqlVersions      = `SELECT ` + versionColumns + ` FROM person_former WHERE person_id = $1
		ORDER BY version DESC LIMIT $2`
	sqlVersion       = `SELECT ` + versionColumns + ` FROM person_former WHERE person_id = $1 AND version = $2`
	sqlAllVersions   = `SELECT id, subject FROM person_former ORDER BY person_id, version`
	sqlEraseVersions = `DELETE FROM person_former WHERE subject = $1`
)
