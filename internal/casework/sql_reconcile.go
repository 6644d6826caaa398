package casework

const (
	sqlAllCases  = `SELECT id, id FROM casework_case ORDER BY id`
	sqlAllEvents = `SELECT case_id, id FROM casework_event ORDER BY case_id, seq`
)
