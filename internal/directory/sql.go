package directory

import (
	"fmt"
	"strings"
)

const (
	serviceColumns = `id, code, version, edition, stamp, changed_at, changed_by, state, unit_id, secret, kinds, languages, regions,
		statuses, access, age_from, age_to, sex, lat, lon, total, free, wait_days, places_at, places_by, body, hidden, row_mac`

	sqlInsertService = `INSERT INTO directory_service (` + serviceColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
		$12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)`
	sqlUpdateService = `UPDATE directory_service SET code = $2, version = $3, edition = $4, stamp = $5, changed_at = $6,
		changed_by = $7, state = $8, unit_id = $9, secret = $10, kinds = $11, languages = $12, regions = $13,
		statuses = $14, access = $15, age_from = $16, age_to = $17, sex = $18, lat = $19, lon = $20, total = $21, free = $22,
		wait_days = $23, places_at = $24, places_by = $25, body = $26, hidden = $27, row_mac = $28 WHERE id = $1 AND version = $29`
	sqlSelectService = `SELECT ` + serviceColumns + ` FROM directory_service WHERE id = $1`
	sqlSelectByCode  = `SELECT ` + serviceColumns + ` FROM directory_service WHERE code = $1`
	sqlSelectOfUnit  = `SELECT ` + serviceColumns + ` FROM directory_service WHERE unit_id = $1 ORDER BY state DESC, code`
	sqlSelectPage    = `SELECT ` + serviceColumns + ` FROM directory_service WHERE code > $1 ORDER BY code LIMIT $2`

	sqlBumpStamp = `INSERT INTO directory_stamp (one, stamp) VALUES (1, 1)
		ON CONFLICT (one) DO UPDATE SET stamp = directory_stamp.stamp + 1`
	sqlSelectStamp = `SELECT stamp FROM directory_stamp WHERE one = 1`

	sqlSelectChanged = `SELECT id, stamp, state, unit_id, secret, kinds, languages, regions, statuses, access, age_from,
		age_to, sex, lat, lon, free, places_at FROM directory_service WHERE stamp > $1 ORDER BY stamp, id`

	sqlHiddenBelow  = `SELECT id, edition, hidden FROM directory_service WHERE hidden < $1 ORDER BY id LIMIT $2`
	sqlResealHidden = `UPDATE directory_service SET hidden = $3 WHERE id = $1 AND edition = $2`
)

// sqlSelectShown reads the services of one page of a search.
var sqlSelectShown = "SELECT " + serviceColumns + " FROM directory_service WHERE id IN (" + slots(PageRows) + ")"

// slots are n placeholders.
func slots(n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("$%d", i+1)
	}
	return strings.Join(out, ", ")
}
