package casework

import "fmt"

const (
	viewColumns = `id, staff_id, unit_id, filter, sealed, version, made_at`

	sqlInsertView = `INSERT INTO casework_view (id, staff_id, filter, sealed, version, made_at) VALUES ($1, $2, $3, $4, 1, $5)`
	sqlSelectView = `SELECT ` + viewColumns + ` FROM casework_view WHERE id = $1`
	sqlOwnViews   = `SELECT ` + viewColumns + ` FROM casework_view WHERE staff_id = $1 ORDER BY made_at, id`
	sqlCountViews = `SELECT COUNT(*) FROM casework_view WHERE staff_id = $1`
	sqlUpdateView = `UPDATE casework_view SET unit_id = $3, filter = $4, sealed = $5, version = version + 1 WHERE id = $1 AND version = $2`
	sqlDeleteView = `DELETE FROM casework_view WHERE id = $1 AND version = $2`

	sqlCountShared = `SELECT COUNT(*) FROM casework_view WHERE unit_id = $1`

	sqlViewsBelow = `SELECT id, version, sealed FROM casework_view WHERE sealed < $1 ORDER BY id LIMIT $2`
	sqlResealView = `UPDATE casework_view SET sealed = $3 WHERE id = $1 AND version = $2`

	sqlSelectOpening = `SELECT view_id, built_in FROM casework_opening WHERE staff_id = $1`
	sqlUpsertOpening = `INSERT INTO casework_opening (staff_id, view_id, built_in) VALUES ($1, $2, $3)
		ON CONFLICT (staff_id) DO UPDATE SET view_id = excluded.view_id, built_in = excluded.built_in`
	sqlDeleteOpening = `DELETE FROM casework_opening WHERE staff_id = $1 AND view_id = $2`
)

// sqlSharedViews reads what is shared with some units, sqlAnyShared whether anything
// is by somebody else.
var (
	sqlSharedViews = "SELECT " + viewColumns + " FROM casework_view WHERE unit_id IN (" + pageSlots() + ") ORDER BY made_at, id"
	sqlAnyShared   = "SELECT staff_id FROM casework_view WHERE unit_id IN (" + pageSlots() +
		fmt.Sprintf(") AND staff_id <> $%d ORDER BY id LIMIT 1", pageMost+1)
)
