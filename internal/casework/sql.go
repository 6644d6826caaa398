package casework

import (
	"fmt"
	"strings"

	"causeway/internal/access"
)

const (
	caseColumns = `id, number, person_id, person_version, stage, risk, sex, age_band, region,
		unit_id, worker_id, opened_at, updated_at, next_contact, closed_at, events, version, row_mac`

	sqlSelectCase = `SELECT ` + caseColumns + ` FROM casework_case WHERE id = $1`
	sqlInsertCase = `INSERT INTO casework_case (id, number, person_id, person_version, stage, risk, sex, age_band, region,
		unit_id, worker_id, opened_at, updated_at, next_contact, closed_at, events, version, row_mac)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)`
	sqlUpdateCase = `UPDATE casework_case SET number = $2, person_id = $3, person_version = $4, stage = $5, risk = $6,
		sex = $7, age_band = $8, region = $9, unit_id = $10, worker_id = $11, opened_at = $12, updated_at = $13,
		next_contact = $14, closed_at = $15, events = $16, version = $17, row_mac = $18
		WHERE id = $1 AND version = $19`
	sqlBetween      = `SELECT id FROM casework_case WHERE id >= $1 AND id <= $2 ORDER BY id LIMIT 1`
	sqlCaseByNumber = `SELECT id FROM casework_case WHERE number = $1`

	sqlInsertEvent = `INSERT INTO casework_event (case_id, seq, id, at, kind, author, sealed, row_mac)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	sqlSelectEvents = `SELECT seq, id, at, kind, author, sealed, row_mac FROM casework_event
		WHERE case_id = $1 ORDER BY seq DESC`

	sqlLastReopening = `SELECT author FROM casework_event WHERE case_id = $1 AND kind = 'reopened' ORDER BY seq DESC LIMIT 1`

	sqlCountOpen = `SELECT COUNT(*) FROM (SELECT 1 FROM casework_case
		WHERE worker_id = $1 AND stage <> 'closed' LIMIT 1001) few`

	// The words after the worker begin as the index by worker.
	sqlOpenCasesOf = `SELECT id FROM casework_case WHERE worker_id = $1 AND stage <> 'closed' ORDER BY updated_at, id LIMIT $2`

	sqlCountStage    = `SELECT stage, COUNT(*) FROM casework_case GROUP BY stage ORDER BY stage`
	sqlCountOpenRisk = `SELECT risk, COUNT(*) FROM casework_case WHERE stage <> 'closed' GROUP BY risk ORDER BY risk`
	sqlCountAge      = `SELECT age_band, COUNT(*) FROM casework_case GROUP BY age_band ORDER BY age_band`
	sqlCountSex      = `SELECT sex, COUNT(*) FROM casework_case WHERE sex IN ('other', 'unknown') GROUP BY sex ORDER BY sex`
	sqlCountRegion   = `SELECT region, COUNT(*) FROM casework_case GROUP BY region ORDER BY region`
)

// The filters of the list, in the order of their placeholders.
const (
	fStage = iota
	fRisk
	fSex
	fAge
	fRegion
	fUnit
	fWorker
	filterCount
)

// filterColumns are the columns of the filters, in that order.
var filterColumns = [filterCount]string{"stage", "risk", "sex", "age_band", "region", "unit_id", "worker_id"}

// rareSexes lead a list, by a partial index: walking all cases for them would
// take long, and the two others are too many to lead.
var rareSexes = []string{"other", "unknown"}

// noLead says that no filter leads: the list walks the cases by date.
const noLead = filterCount

// carried reports whether a list that is led by one filter can be asked for
// another: only then does the index carry it.
func carried(lead, f int) bool {
	switch {
	case lead == fWorker || f == fSex || f == fRisk:
		return true
	case f == fWorker || lead == noLead:
		return false
	}
	return f != fUnit || lead == fUnit
}

// Placeholders of a list query: the filters, open/closed, the cursor's time and
// identifier, the limit, then the caller's holders and the time.
const (
	phState   = filterCount + 1
	phAt      = filterCount + 2
	phID      = filterCount + 3
	phLimit   = filterCount + 4
	phHolders = filterCount + 5
)

// listSQL holds every list query: per leading filter, direction and way of
// starting. They are built once from constants; input never becomes SQL.
var listSQL = buildListSQL()

// way is how a list asks what its reader reaches.
type way int

const (
	wayProbe      way = iota // case by case, along the leading filter
	wayFew                   // starts from the caller's few cases instead of the filter
	wayTeam                  // unit by unit, for who looks after few of them
	wayEverywhere            // the caller reaches all but what is withheld from them
)

// listKey names one list query.
type listKey struct {
	lead int  // a filter, or noLead
	back bool // towards newer cases
	by   way
}

func buildListSQL() map[listKey]string {
	out := map[listKey]string{}
	for lead := 0; lead <= noLead; lead++ {
		if lead == fRisk {
			continue // every index carries it, none is led by it
		}
		for _, back := range []bool{false, true} {
			for _, by := range []way{wayProbe, wayEverywhere} {
				out[listKey{lead, back, by}] = listQuery(lead, back, by)
			}
		}
	}
	out[listKey{noLead, false, wayFew}] = listQuery(noLead, false, wayFew)
	out[listKey{noLead, true, wayFew}] = listQuery(noLead, true, wayFew)
	return out
}

// listQuery writes one query for identifiers. The leading filter is a plain
// equality, so that its index is walked in order; the others are optional and
// answered from the same index. A filter's first mention gives its type; one that
// is never asked for here is mentioned for its type only.
func listQuery(lead int, back bool, by way) string {
	var w []string
	for f, column := range filterColumns {
		switch {
		case f == lead:
			w = append(w, fmt.Sprintf("c.%s = $%d", column, f+1))
			if f == fSex {
				w = append(w, "c.sex IN ('other', 'unknown')") // the words of the partial index
			}
		case by == wayFew || carried(lead, f):
			w = append(w, fmt.Sprintf("(c.%s = $%d OR octet_length($%d) = 0)", column, f+1, f+1))
		case f == fUnit || f == fWorker:
			w = append(w, fmt.Sprintf("$%d <> c.id", f+1)) // no unit and no worker is a case
		default:
			w = append(w, fmt.Sprintf("$%d = ''", f+1))
		}
	}
	w = append(w, fmt.Sprintf("(c.stage <> 'closed' OR $%d <> 1)", phState))
	cmp, order := "<", "DESC"
	if back {
		cmp, order = ">", "ASC"
	}
	w = append(w, fmt.Sprintf("(c.updated_at, c.id) %s ($%d, $%d)", cmp, phAt, phID))
	switch by {
	case wayFew:
		w = append(w, "c.id IN ("+access.ReachedCases(phHolders)+")", access.ReachTo(phHolders))
	case wayEverywhere:
		w = append(w, access.NotWithheld(phHolders))
	default:
		w = append(w, access.ReachTo(phHolders))
	}
	return "SELECT c.id, c.updated_at FROM casework_case c WHERE " + strings.Join(w, "\n AND ") +
		fmt.Sprintf("\nORDER BY c.updated_at %s, c.id %s LIMIT $%d", order, order, phLimit)
}

// sqlSelectRows reads the rows of a page.
var sqlSelectRows = selectRows()

// pageMost is how many rows a page query names; shorter pages repeat their last.
const pageMost = 64

func selectRows() string {
	return "SELECT " + caseColumns + " FROM casework_case WHERE id IN (" + pageSlots() + ")"
}

func pageSlots() string {
	slots := make([]string, pageMost)
	for i := range slots {
		slots[i] = fmt.Sprintf("$%d", i+1)
	}
	return strings.Join(slots, ",")
}

// sqlFlagged says which cases of a page have a flag up.
var sqlFlagged = "SELECT DISTINCT case_id FROM casework_flag WHERE state = 'open' AND case_id IN (" + pageSlots() + ")"

// sqlCaseloads counts the open cases of some workers by risk. The index by worker
// answers it alone.
var sqlCaseloads = caseloads()

func caseloads() string {
	slots := make([]string, pageMost)
	for i := range slots {
		slots[i] = fmt.Sprintf("$%d", i+1)
	}
	return "SELECT worker_id, risk, COUNT(*) FROM casework_case WHERE worker_id IN (" + strings.Join(slots, ",") +
		") AND stage <> 'closed' GROUP BY worker_id, risk ORDER BY worker_id, risk"
}
