package facts

const (
	sqlVersion = `SELECT version FROM facts_fact WHERE id = $1`
	sqlInsert  = `INSERT INTO facts_fact (version, id, kind, month, area, codes) VALUES ($1, $2, $3, $4, $5, $6)`
	sqlUpdate  = `UPDATE facts_fact SET version = $1, month = $3, area = $4, codes = $5 WHERE id = $2`
	sqlErase   = `DELETE FROM facts_fact WHERE id = $1`

	sqlMark = `INSERT INTO facts_pending (version, consumer, fact_id) VALUES ($1, $2, $3)
		ON CONFLICT (consumer, fact_id) DO UPDATE SET version = excluded.version`
	sqlPending = `SELECT p.fact_id, p.version, f.kind, f.month, f.area, f.codes
		FROM facts_pending p LEFT JOIN facts_fact f ON f.id = p.fact_id
		WHERE p.consumer = $1 ORDER BY p.fact_id LIMIT $2`
	sqlDone = `DELETE FROM facts_pending WHERE consumer = $1 AND fact_id = $2 AND version = $3`
)
