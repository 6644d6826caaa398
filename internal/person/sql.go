package person

import (
	"strconv"
	"strings"
)

const (
	sqlInsertPerson = `INSERT INTO person_person (id, subject, version, updated_at, sealed, row_mac)
		VALUES ($1, $2, $3, $4, $5, $6)`
	sqlUpdatePerson = `UPDATE person_person SET version = $3, updated_at = $4, sealed = $5, row_mac = $6
		WHERE id = $1 AND version = $2`
	sqlSelectPerson = `SELECT id, subject, version, updated_at, sealed, row_mac FROM person_person WHERE id = $1`

	sqlUpsertSearch = `INSERT INTO person_search (person_id, case_id, version, changed_at, sealed)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (person_id) DO UPDATE SET case_id = excluded.case_id, version = excluded.version,
		changed_at = excluded.changed_at, sealed = excluded.sealed`
	sqlSelectSearch = `SELECT person_id, case_id, version, changed_at, sealed FROM person_search
		WHERE changed_at > $1 OR (changed_at = $1 AND person_id > $2)
		ORDER BY changed_at, person_id LIMIT $3`
	sqlSelectAllSearch = `SELECT person_id, case_id, version, changed_at, sealed FROM person_search`
	sqlSearchOf        = `SELECT person_id, version, sealed FROM person_search WHERE case_id = $1 ORDER BY person_id LIMIT 1`
	sqlSearchBelow     = `SELECT person_id, version, sealed FROM person_search WHERE sealed < $1 ORDER BY person_id LIMIT $2`
	sqlResealSearch    = `UPDATE person_search SET sealed = $3 WHERE person_id = $1 AND version = $2`
)

// readMost is how many persons one list query names; shorter lists repeat their
// last.
const readMost = 64

var sqlSelectPersons = selectPersons()

func selectPersons() string {
	slots := make([]string, readMost)
	for i := range slots {
		slots[i] = "$" + strconv.Itoa(i+1)
	}
	return `SELECT id, subject, version, updated_at, sealed, row_mac FROM person_person WHERE id IN (` +
		strings.Join(slots, ",") + `)`
}
