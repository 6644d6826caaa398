package forms

const (
	revisionColumns = `revision, at, form_version, record_id, id, form, state, author, sealed, row_mac`

	sqlInsertRevision = `INSERT INTO forms_revision (revision, at, form_version, record_id, id, form, state, author,
		sealed, row_mac, case_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`
	sqlSelectRecord = `SELECT ` + revisionColumns + ` FROM forms_revision
		WHERE case_id = $1 AND record_id = $2 ORDER BY revision`
	sqlSelectNewest = `SELECT ` + revisionColumns + ` FROM forms_revision r
		WHERE r.case_id = $1 AND r.revision = (SELECT MAX(x.revision) FROM forms_revision x
		WHERE x.case_id = r.case_id AND x.record_id = r.record_id AND x.at <= $2) ORDER BY r.at DESC, r.record_id`
	sqlLastRevision = `SELECT revision FROM forms_revision
		WHERE case_id = $1 AND record_id = $2 ORDER BY revision DESC LIMIT 1`
	sqlSelectCase = `SELECT ` + revisionColumns + ` FROM forms_revision WHERE case_id = $1 ORDER BY record_id, revision`
	sqlAllRows    = `SELECT case_id, id FROM forms_revision ORDER BY case_id, record_id, revision`
	sqlErase      = `DELETE FROM forms_revision WHERE case_id = $1`

	sqlSelectVersions = `SELECT form, version, state, edition, changed_at, author FROM forms_version ORDER BY form, version`
	sqlSelectVersion  = `SELECT state, edition, changed_at, author, body FROM forms_version WHERE form = $1 AND version = $2`
	sqlInstallVersion = `INSERT INTO forms_version (form, version, state, edition, changed_at, author, body)
		VALUES ($1, $2, 'published', 1, $3, NULL, $4) ON CONFLICT (form, version) DO NOTHING`
	sqlInsertVersion = `INSERT INTO forms_version (form, version, state, edition, changed_at, author, body)
		VALUES ($1, $2, 'draft', 1, $3, $4, $5)`
	sqlUpdateVersion = `UPDATE forms_version SET state = $3, edition = $4, changed_at = $5, author = $6, body = $7
		WHERE form = $1 AND version = $2 AND edition = $8`
)
