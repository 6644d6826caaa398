package store

// Queued returns how many writers wait for the one connection of an SQLite
// database, for tests that must not go on before they do.
func Queued(db *DB) int {
	e, ok := db.engine.(*sqliteEngine)
	if !ok {
		return 0
	}
	return len(e.writer.queue)
}

// Waiting returns how many writers wait in that queue or have been taken out of
// it and not yet answered.
func Waiting(db *DB) int {
	e, ok := db.engine.(*sqliteEngine)
	if !ok {
		return 0
	}
	return int(e.writer.waiting.Load())
}

// PostgresDDL is how a migration is rewritten for PostgreSQL.
var PostgresDDL = postgresDDL
