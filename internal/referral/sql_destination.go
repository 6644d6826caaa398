package referral

import "causeway/internal/access"

const (
	destinationColumns = `expected_at, doctor, case_id, thread_id, service_id, need_id, row_mac`

	sqlInsertDestination = `INSERT INTO referral_destination (` + destinationColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	sqlSelectDestination = `SELECT ` + destinationColumns + ` FROM referral_destination WHERE case_id = $1 AND thread_id = $2`
	sqlCaseDestinations  = `SELECT ` + destinationColumns + ` FROM referral_destination WHERE case_id = $1 ORDER BY thread_id`
	sqlAllDestinations   = `SELECT case_id, thread_id FROM referral_destination ORDER BY case_id, thread_id`
	sqlEraseDestinations = `DELETE FROM referral_destination WHERE case_id = $1`

	sqlArrivals = `SELECT ` + threadColumns + ` FROM referral_thread WHERE to_unit = $1 AND ` + underWay + `
		AND (case_id, id) IN (SELECT case_id, thread_id FROM referral_destination WHERE service_id IS NOT NULL) ORDER BY due_at, id LIMIT $2`

	// underWay is a child who is awaited; an interpreter who is booked is none.
	underWay     = `due_at IS NOT NULL AND state = 'accepted' AND service <> '` + ServiceInterpreter + `'`
	notTherePart = `due_at IS NOT NULL AND state IN ('failed', 'handed_back') AND reason = 'child_not_there'`
)

// sqlExpected counts who is on the way to a service, but for what is withheld from the
// reader: the reader's people, the time, the service.
var sqlExpected = `SELECT COUNT(*) FROM (SELECT case_id AS id FROM referral_thread WHERE ` + underWay + `
	AND (case_id, id) IN (SELECT case_id, thread_id FROM referral_destination WHERE service_id = $10)) c WHERE ` + access.NotWithheld(1)

// sqlNotThereOwn counts the children who did not come, of the cases that the reader
// reaches: the reader's holders, the time. sqlNotThere is for who looks after a unit.
var (
	sqlNotThereOwn = `SELECT COUNT(*) FROM referral_thread WHERE ` + notTherePart + ` AND case_id IN (` + access.ReachedCases(1) + `)`
	sqlNotThere    = `SELECT COUNT(*) FROM (SELECT case_id AS id FROM referral_thread WHERE from_unit = $10 AND ` + notTherePart + `) c WHERE ` + access.NotWithheld(1)
)
