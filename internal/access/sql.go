package access

import (
	"strconv"
	"strings"
)

const (
	sqlSelectCommand = `SELECT actor, action, result FROM access_command WHERE command = $1`
	sqlInsertCommand = `INSERT INTO access_command (command, actor, action, result, at) VALUES ($1, $2, $3, $4, $5)`
	sqlPurgeCommands = `DELETE FROM access_command WHERE command >= $1 AND command < $2 AND at < $3`

	sqlActivePolicy   = `SELECT version FROM access_policy WHERE state = 'active'`
	sqlSelectPolicies = `SELECT version, edition, proposed_at, decided_at, state, base, proposer, decider, body, row_mac
		FROM access_policy ORDER BY version DESC`
	sqlInsertPolicy = `INSERT INTO access_policy (version, edition, proposed_at, decided_at, state, base, proposer, body, row_mac)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	sqlUpdatePolicy = `UPDATE access_policy SET edition = $2, decided_at = $3, state = $4, decider = $5, row_mac = $6
		WHERE version = $1 AND edition = $7`

	// One round trip for all that decides about a case: reach, withholding and
	// permits in force at $2.
	sqlSelectDeciding = `SELECT 'r' AS what, case_id, holder, relation FROM access_reach
		WHERE case_id = $1 AND until_at > $2
		UNION ALL SELECT 'w', case_id, holder, '' FROM access_withhold
		WHERE case_id = $1 AND until_at > $2
		UNION ALL SELECT 'p', case_id, NULL, purpose FROM access_permit
		WHERE case_id = $1 AND until_at > $2
		UNION ALL SELECT 'f', case_id, holder, role || '/' || part FROM access_part
		WHERE case_id = $1 AND until_at > $2
		UNION ALL SELECT 'r', case_id, staff, 'glass' FROM access_glass
		WHERE case_id = $1 AND until_at > $2`

	sqlSelectReach = `SELECT holder, relation, from_at, until_at, id, version, row_mac FROM access_reach
		WHERE case_id = $1 AND until_at > $2 ORDER BY relation, holder`

	// The words of the partial index access_permit_emergency.
	sqlEmergenciesHead = `SELECT p.case_id, p.from_at FROM access_permit p
		WHERE p.purpose = 'emergency' AND p.until_at > 0 AND EXISTS (SELECT 1 FROM access_reach r
		WHERE r.case_id = p.case_id AND r.relation IN ` + teamRelations + ` AND r.holder IN (`

	// Everything there is about a case, ended too.
	sqlSelectRights = `SELECT 'access_reach' AS what, holder, relation, '' AS purpose, '' AS basis,
		from_at, until_at, id, version, row_mac FROM access_reach WHERE case_id = $1
		UNION ALL SELECT 'access_withhold', holder, '', '', '', from_at, until_at, id, version, row_mac
		FROM access_withhold WHERE case_id = $1
		UNION ALL SELECT 'access_permit', NULL, '', purpose, basis, from_at, until_at, id, version, row_mac
		FROM access_permit WHERE case_id = $1
		UNION ALL SELECT 'access_part', holder, role, part, '', from_at, until_at, id, version, row_mac
		FROM access_part WHERE case_id = $1
		ORDER BY what, holder, purpose, basis, relation`
	sqlInsertReach = `INSERT INTO access_reach (case_id, holder, relation, from_at, until_at, id, version, row_mac)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	sqlUpdateReach = `UPDATE access_reach SET relation = $3, from_at = $4, until_at = $5, id = $6, version = $7, row_mac = $8
		WHERE case_id = $1 AND holder = $2 AND version = $9`
	sqlInsertPermit = `INSERT INTO access_permit (case_id, purpose, basis, from_at, until_at, id, version, row_mac)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	sqlUpdatePermit = `UPDATE access_permit SET from_at = $4, until_at = $5, id = $6, version = $7, row_mac = $8
		WHERE case_id = $1 AND purpose = $2 AND basis = $3 AND version = $9`
	sqlInsertWithhold = `INSERT INTO access_withhold (case_id, holder, from_at, until_at, id, version, row_mac)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	sqlUpdateWithhold = `UPDATE access_withhold SET from_at = $3, until_at = $4, id = $5, version = $6, row_mac = $7
		WHERE case_id = $1 AND holder = $2 AND version = $8`
	sqlInsertPart = `INSERT INTO access_part (case_id, part, role, holder, from_at, until_at, id, version, row_mac)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	sqlUpdatePart = `UPDATE access_part SET from_at = $5, until_at = $6, id = $7, version = $8, row_mac = $9
		WHERE case_id = $1 AND part = $2 AND role = $3 AND holder = $4 AND version = $10`
	sqlErasePart     = `DELETE FROM access_part WHERE case_id = $1`
	sqlEraseReach    = `DELETE FROM access_reach WHERE case_id = $1`
	sqlErasePermit   = `DELETE FROM access_permit WHERE case_id = $1`
	sqlEraseWithhold = `DELETE FROM access_withhold WHERE case_id = $1`
	sqlAllWithheld   = `SELECT case_id, holder FROM access_withhold WHERE until_at > $1 ORDER BY case_id, holder`
	sqlAllWithdrawn  = `SELECT case_id, id, version FROM access_permit
		WHERE basis = $1 AND until_at = 0 AND id IS NOT NULL ORDER BY case_id, id`
	sqlSelectPermits = `SELECT purpose, basis, from_at, until_at, id, version, row_mac FROM access_permit
		WHERE case_id = $1 AND until_at > $2 ORDER BY purpose, basis`
	sqlPermitted = `SELECT DISTINCT case_id FROM access_permit WHERE purpose = $1 AND until_at > $2 AND case_id > $3
		ORDER BY case_id LIMIT $4`
	sqlAllRights = `SELECT 'access_reach' AS what, case_id, id, holder, '' AS purpose, '' AS basis FROM access_reach
		UNION ALL SELECT 'access_withhold', case_id, id, holder, '', '' FROM access_withhold
		UNION ALL SELECT 'access_permit', case_id, id, NULL, purpose, basis FROM access_permit
		UNION ALL SELECT 'access_part', case_id, id, holder, part, role FROM access_part`
)

// teamRelations are those through which a case is found in lists and opened. The
// others are for what was handed over or told, and for nothing else.
const teamRelations = `('` + RelationLead + `', '` + RelationHelper + `', '` + RelationUnit + `')`

// listSlots is how many cases one per-row query of a list names; shorter lists
// repeat their last case.
const listSlots = 64

// sqlSelectDecidingMany asks the same for many cases at once.
var sqlSelectDecidingMany = decidingMany()

func decidingMany() string {
	slots := make([]string, listSlots)
	for i := range slots {
		slots[i] = "$" + strconv.Itoa(i+2)
	}
	in := "(" + strings.Join(slots, ",") + ")"
	return `SELECT 'r' AS what, case_id, holder, relation FROM access_reach
		WHERE case_id IN ` + in + ` AND until_at > $1
		UNION ALL SELECT 'w', case_id, holder, '' FROM access_withhold
		WHERE case_id IN ` + in + ` AND until_at > $1`
}

// placeholders returns "$first, …" for n arguments.
func placeholders(first, n int) string {
	slots := make([]string, n)
	for i := range slots {
		slots[i] = "$" + strconv.Itoa(first+i)
	}
	return strings.Join(slots, ",")
}

// sqlSelectEmergencies takes the holders, the time and how many.
var sqlSelectEmergencies = sqlEmergenciesHead + placeholders(1, holderSlots) + `) AND r.until_at > $` +
	strconv.Itoa(holderSlots+1) + `) ORDER BY p.from_at, p.case_id LIMIT $` + strconv.Itoa(holderSlots+2)

// reachTo reads the rows of one case and the caller's holders: 1 when one of
// them reaches it as the team does and none of them is withheld from. A scalar subquery is
// probed row by row on both engines, whatever the planner thinks of it.
func reachTo(first int) string {
	return `(SELECT MAX(CASE WHEN r.relation = 'withheld' THEN 2 WHEN r.relation IN ` + teamRelations + ` THEN 1 ELSE 0 END) FROM access_reach r
		WHERE r.case_id = c.id AND r.holder IN (` + placeholders(first, holderSlots) + `)
		AND r.until_at > $` + strconv.Itoa(first+holderSlots) + `) = 1`
}

// notWithheld asks the rows of the caller's people for what is withheld from them.
func notWithheld(first int) string {
	return `c.id NOT IN (SELECT r.case_id FROM access_reach r WHERE r.holder IN (` + placeholders(first, holderSlots) + `)
		AND r.relation = 'withheld' AND r.until_at > $` + strconv.Itoa(first+holderSlots) + `)`
}

// reachedCases is the other way round: the cases the holders reach as the team
// does, for callers who reach few. The index alone answers.
func reachedCases(first int) string {
	return `SELECT r.case_id FROM access_reach r WHERE r.holder IN (` + placeholders(first, holderSlots) + `)
		AND r.until_at > $` + strconv.Itoa(first+holderSlots) + ` AND r.relation IN ` + teamRelations
}

var sqlCountReached = `SELECT COUNT(*) FROM (` + reachedCases(1) + ` LIMIT ` + strconv.Itoa(fewCases+1) + `) few`
