package casework

import "causeway/internal/access"

const (
	sqlInsertLook = `INSERT INTO casework_look (at, id, sealed) VALUES ($1, $2, $3)`
	sqlSelectLook = `SELECT at, id, sealed FROM casework_look ORDER BY at, id LIMIT $1`
	sqlDeleteLook = `DELETE FROM casework_look WHERE id = $1`
)

// sqlReached names the cases that somebody reaches.
var sqlReached = "SELECT c.id FROM casework_case c WHERE c.id IN (" + access.ReachedCases(1) + ")"
