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
	sqlPGBeginWrite = `BEGIN ISOLATION LEVEL SERIALIZABLE`
	sqlPGBeginRead  = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`

	// The name alone does not tell: a database may use another provider's rules.
	sqlPGCollation = `
SELECT datcollate, pg_encoding_to_char(encoding), CAST('Z' AS TEXT) < CAST('a' AS TEXT)
FROM pg_database WHERE datname = current_database()`

	sqlPGSchema = `
SELECT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = $1 AND tablename = 'store_migration')`

	// A server may be set to answer commits before they are on disk; our
	// sessions do not accept that. Stricter settings are left alone.
	sqlPGDurable = `
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'`

	sqlPGForeignKeys = `
SELECT CAST(CAST(conrelid AS regclass) AS TEXT), quote_ident(conname), pg_get_constraintdef(oid)
FROM pg_constraint
WHERE contype = 'f' AND connamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
ORDER BY oid`

	sqlPGIndexes = `
SELECT quote_ident(indexname), indexdef, '' FROM pg_indexes i
WHERE schemaname = current_schema() AND NOT EXISTS (
    SELECT 1 FROM pg_constraint c JOIN pg_class x ON x.oid = c.conindid
    WHERE c.connamespace = x.relnamespace AND x.relname = i.indexname
      AND x.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()))
ORDER BY indexname`

	sqlPGSize = `
SELECT CAST(COALESCE(SUM(pg_total_relation_size(c.oid)), 0) AS BIGINT)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind = 'r'`

	sqlPGBroken = `
SELECT COUNT(*)
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND NOT i.indisvalid`

	sqlPGColumns = `
SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT),
       CAST(data_type AS TEXT)
FROM information_schema.columns
WHERE table_schema = $1
ORDER BY table_name, ordinal_position`
)

// What only SQLite is asked.
const sqlSQLiteIndexes = `
SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL ORDER BY name`

const sqlSQLiteColumns = `
SELECT m.name, c.name, c.type
FROM sqlite_schema m, pragma_table_info(m.name) c
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'
ORDER BY m.name, c.cid`
