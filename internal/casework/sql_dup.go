package casework

import "causeway/internal/access"

const (
	sqlSelectPairing = `SELECT changed_at, person_id, whole_at FROM casework_pairing WHERE id = 1`
	sqlUpsertPairing = `INSERT INTO casework_pairing (id, changed_at, person_id, whole_at) VALUES (1, $1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET changed_at = excluded.changed_at, person_id = excluded.person_id, whole_at = excluded.whole_at`

	// Both cases must still be there: one may have been erased since it was compared.
	sqlInsertPair = `INSERT INTO casework_pair (case_id, other_id, class, weight, found_at)
		SELECT a.id, b.id, CAST($3 AS TEXT), CAST($4 AS BIGINT), CAST($5 AS BIGINT)
		FROM casework_case a CROSS JOIN casework_case b WHERE a.id = $1 AND b.id = $2
		ON CONFLICT (case_id, other_id) DO UPDATE SET class = excluded.class, weight = excluded.weight, found_at = excluded.found_at`
	sqlDropPairs  = `DELETE FROM casework_pair WHERE case_id = $1 OR other_id = $1`
	sqlStalePairs = `DELETE FROM casework_pair WHERE found_at < $1`

	// The other cases of which people said what they are to this one, ended too.
	sqlSelectPaired = `SELECT b.case_id FROM casework_strand a JOIN casework_strand b ON b.tie = a.tie
		WHERE a.case_id = $1 AND a.kind = 'apart' AND b.kind = a.kind AND b.case_id <> $1
		GROUP BY b.case_id ORDER BY b.case_id`

	// Whether people have said what two cases are to each other.
	sqlDecided = `SELECT a.id FROM casework_strand a JOIN casework_strand b ON b.tie = a.tie
		WHERE a.case_id = $1 AND b.case_id = $2 AND a.kind = 'apart' AND a.ended_at IS NULL
		AND b.kind = a.kind AND b.ended_at IS NULL ORDER BY a.kind DESC, a.id LIMIT 1`
)

// sqlPairs lists the pairs of which a reader reaches both, the likeliest first. It takes
// two classes, how many, the reader's holders and the time.
var sqlPairs = `SELECT p.case_id, p.other_id, p.class FROM casework_pair p WHERE p.class IN ($1, $2)
	AND p.case_id IN (` + access.ReachedCases(4) + `) AND p.other_id IN (` + access.ReachedCases(4) + `)
	AND NOT EXISTS (SELECT 1 FROM casework_strand a JOIN casework_strand b ON b.tie = a.tie
		WHERE a.case_id = p.case_id AND b.case_id = p.other_id AND a.kind = 'apart' AND a.ended_at IS NULL
		AND b.kind = a.kind AND b.ended_at IS NULL)
	ORDER BY p.weight DESC, p.case_id, p.other_id LIMIT $3`
