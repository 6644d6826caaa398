package store

// Savepoints may share one name: both engines mean the innermost.
const (
	sqlSavepoint  = `SAVEPOINT causeway`
	sqlRelease    = `RELEASE SAVEPOINT causeway`
	sqlRollbackTo = `ROLLBACK TO SAVEPOINT causeway`
)

const (
	sqlLeaseGet = `SELECT holder, held_until FROM store_lease WHERE name = $1`

	sqlLeaseTake = `
INSERT INTO store_lease (name, holder, held_until) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
WHERE store_lease.holder = excluded.holder OR store_lease.held_until <= $4`

	sqlLeaseRelease = `DELETE FROM store_lease WHERE name = $1 AND holder = $2`

	sqlApplied = `SELECT version_id, is_applied FROM store_migration ORDER BY id`
)

const (
	sqlBeginWrite = `BEGIN IMMEDIATE`
	sqlBeginRead  = `BEGIN DEFERRED`
	sqlCommit     = `COMMIT`
	sqlRollback   = `ROLLBACK`
)

// What only PostgreSQL is asked.
const (
	sqlPGCollation = `
SELECT datcollate, pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()`

	sqlPGSchema = `
SELECT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = 'store_migration')`

	// A server may be set to answer commits before they are on disk; our
	// sessions do not accept that. Stricter settings are left alone.
	sqlPGDurable = `
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`
)
