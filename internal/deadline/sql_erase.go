package deadline

const (
	sqlEraseSteps = `DELETE FROM deadline_step WHERE case_id = $1`
	sqlEraseDues  = `DELETE FROM deadline_due WHERE case_id = $1`
)
