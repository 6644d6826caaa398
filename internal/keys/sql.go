package keys

// The wrapped key of a subject.
const (
	sqlSubjectInsert = `
INSERT INTO keys_subject (subject, kind, epoch, wrapped, commitment)
VALUES ($1, $2, $3, $4, $5)`

	sqlSubjectGet = `
SELECT subject, kind, epoch, wrapped, commitment
FROM keys_subject WHERE subject = $1`

	// A list page asks for its keys at once. The number of placeholders is fixed,
	// so that the statement is prepared once; a shorter list repeats its last.
	sqlSubjectList = `
SELECT subject, kind, epoch, wrapped, commitment
FROM keys_subject WHERE subject IN (
 $1,  $2,  $3,  $4,  $5,  $6,  $7,  $8,  $9, $10, $11, $12, $13, $14, $15, $16,
$17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32,
$33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43, $44, $45, $46, $47, $48,
$49, $50, $51, $52, $53, $54, $55, $56, $57, $58, $59, $60, $61, $62, $63, $64)
ORDER BY subject`

	// Keys under another epoch than the current one, in pages.
	sqlSubjectStale = `
SELECT subject, kind, epoch, wrapped, commitment
FROM keys_subject
WHERE epoch < $1 AND (epoch > $2 OR epoch = $2 AND subject > $3)
ORDER BY epoch, subject LIMIT $4`

	sqlSubjectRewrap = `
UPDATE keys_subject SET epoch = $1, wrapped = $2
WHERE subject = $3 AND epoch = $4`

	sqlSubjectOfEpoch = `
SELECT subject FROM keys_subject WHERE epoch = $1 ORDER BY subject LIMIT 1`

	sqlSubjectDelete = `
DELETE FROM keys_subject WHERE subject = $1`
)

// subjectsAtOnce is the number of placeholders in sqlSubjectList.
const subjectsAtOnce = 64

// What the database knows about epoch keys. The keys themselves are elsewhere.
const (
	sqlEpochInsert = `
INSERT INTO keys_epoch (epoch, commitment, created_at, retired_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (epoch) DO NOTHING`

	sqlEpochCurrent = `
SELECT epoch, commitment, created_at
FROM keys_epoch WHERE retired_at IS NULL
ORDER BY epoch DESC LIMIT 1`

	sqlEpochList = `
SELECT epoch, commitment, created_at, retired_at, unused_at, destroyed_at
FROM keys_epoch ORDER BY epoch`

	sqlEpochRetire = `
UPDATE keys_epoch SET retired_at = $1
WHERE retired_at IS NULL AND epoch <> $2`

	sqlEpochUnused = `
UPDATE keys_epoch SET unused_at = $1 WHERE epoch = $2`

	sqlEpochDestroyed = `
UPDATE keys_epoch SET destroyed_at = $1
WHERE epoch = $2 AND destroyed_at IS NULL`
)
