package journal

const (
	sqlHeads = `SELECT log, size, root, frontier, last_at FROM journal_head ORDER BY log`

	sqlStrayTile = `SELECT level, n FROM journal_tile WHERE level < 0 OR level > $1 ORDER BY level, n LIMIT 1`

	sqlAllPending = `SELECT entry_id, header, sealed FROM journal_pending ORDER BY entry_id`

	// These two are added up, in whatever order they come: sorting a million rows
	// would cost more than everything else.
	sqlAllChains   = `SELECT subject, head, length FROM journal_chain`
	sqlAllSubjects = `SELECT subject, idx FROM journal_subject`

	sqlLeftover = `SELECT e.idx FROM journal_subject s JOIN journal_entry e ON e.idx = s.idx
		WHERE s.subject = $1 AND e.sealed IS NOT NULL ORDER BY e.idx LIMIT 1`
)
