package oversight

const (
	complaintColumns = `id, version, received_at, acknowledge_by, answer_by, acknowledged_at, answered_at, told_at, change_by, reopened,
		filed_by, handler, about_staff, about_agency, change_unit, about, matter, complainant, how, language, safe, state, outcome, told_how, row_mac`

	sqlInsertComplaint = `INSERT INTO oversight_complaint (` + complaintColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)`
	sqlUpdateComplaint = `UPDATE oversight_complaint SET version = $2, received_at = $3, acknowledge_by = $4, answer_by = $5, acknowledged_at = $6,
		answered_at = $7, told_at = $8, change_by = $9, reopened = $10, filed_by = $11, handler = $12, about_staff = $13, about_agency = $14,
		change_unit = $15, about = $16, matter = $17, complainant = $18, how = $19, language = $20, safe = $21, state = $22, outcome = $23,
		told_how = $24, row_mac = $25
		WHERE id = $1 AND version = $26`
	sqlSelectComplaint = `SELECT ` + complaintColumns + ` FROM oversight_complaint WHERE id = $1`
	sqlSelectMine      = `SELECT ` + complaintColumns + ` FROM oversight_complaint WHERE filed_by = $1 ORDER BY received_at DESC, id LIMIT $2`
	sqlSelectOpen      = `SELECT ` + complaintColumns + ` FROM oversight_complaint WHERE state <> 'answered' ORDER BY received_at, id LIMIT $1`
	sqlSelectAnswered  = `SELECT ` + complaintColumns + ` FROM oversight_complaint WHERE state = 'answered' ORDER BY answered_at DESC, id LIMIT $1`
)

const (
	sqlInsertWords = `INSERT INTO oversight_words (id, of_id, seq, at, by_id, case_id, kind, sealed, row_mac)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	sqlSelectWords = `SELECT id, seq, at, by_id, case_id, kind, sealed, row_mac FROM oversight_words WHERE of_id = $1 ORDER BY seq`
	sqlCountWords  = `SELECT COALESCE(MAX(seq), 0) FROM oversight_words WHERE of_id = $1`
	sqlCaseOfWords = `SELECT case_id FROM oversight_words WHERE of_id = $1 ORDER BY seq LIMIT 1`
	sqlEraseWords  = `DELETE FROM oversight_words WHERE case_id = $1`
	sqlDeleteWords = `DELETE FROM oversight_words WHERE id = $1`
	sqlWordsBelow  = `SELECT id, sealed FROM oversight_words WHERE sealed < $1 ORDER BY id LIMIT $2`
	sqlResealWords = `UPDATE oversight_words SET sealed = $2 WHERE id = $1`
	sqlWordsOver   = `SELECT w.id FROM oversight_words w
		LEFT JOIN oversight_complaint c ON c.id = w.of_id
		LEFT JOIN oversight_recommendation m ON m.id = w.of_id
		LEFT JOIN oversight_inquiry q ON q.id = w.of_id OR q.id = m.inquiry_id
		WHERE (c.state = 'answered' AND c.answered_at < $1) OR (q.closed_at <> 0 AND q.closed_at < $1) ORDER BY w.id LIMIT $2`
)

const (
	inquiryColumns = `id, version, opened_at, closed_at, from_at, until_at, opened_by, about_staff, about_agency, about, act, row_mac`

	sqlInsertInquiry   = `INSERT INTO oversight_inquiry (` + inquiryColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`
	sqlUpdateInquiry   = `UPDATE oversight_inquiry SET version = $2, closed_at = $3, row_mac = $4 WHERE id = $1 AND version = $5`
	sqlSelectInquiry   = `SELECT ` + inquiryColumns + ` FROM oversight_inquiry WHERE id = $1`
	sqlSelectInquiries = `SELECT ` + inquiryColumns + ` FROM oversight_inquiry ORDER BY closed_at, opened_at DESC, id LIMIT $1`

	recommendationColumns = `id, version, asked_at, due_at, answered_at, inquiry_id, unit_id, answered_by, state, row_mac`

	sqlInsertRecommendation  = `INSERT INTO oversight_recommendation (` + recommendationColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	sqlUpdateRecommendation  = `UPDATE oversight_recommendation SET version = $2, answered_at = $3, answered_by = $4, state = $5, row_mac = $6 WHERE id = $1 AND version = $7`
	sqlSelectRecommendation  = `SELECT ` + recommendationColumns + ` FROM oversight_recommendation WHERE id = $1`
	sqlSelectRecommendations = `SELECT ` + recommendationColumns + ` FROM oversight_recommendation WHERE inquiry_id = $1 ORDER BY asked_at, id`
	sqlSelectAsked           = `SELECT ` + recommendationColumns + ` FROM oversight_recommendation WHERE unit_id = $1 ORDER BY asked_at DESC, id LIMIT $2`
)
