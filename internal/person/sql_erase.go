package person

const (
	sqlErasePersons = `DELETE FROM person_person WHERE subject = $1`
	sqlEraseSearch  = `DELETE FROM person_search WHERE case_id = $1`
)
