package journal

// As witness of others.
const (
	sqlNewestEpoch = `SELECT epoch, opened_at FROM journal_epoch ORDER BY epoch DESC LIMIT 1`

	sqlWitnessed = `SELECT epoch, size, root, cosigned, learned, note FROM journal_witnessed
		WHERE log = $1 ORDER BY epoch DESC LIMIT 1`
	sqlAllWitnessed    = `SELECT log, epoch, size, root, cosigned, learned, note FROM journal_witnessed ORDER BY log, epoch`
	sqlInsertWitnessed = `INSERT INTO journal_witnessed (log, epoch, size, root, cosigned, learned, note)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (log, epoch) DO NOTHING`
	sqlSwapWitnessed = `UPDATE journal_witnessed SET size = $3, root = $4, cosigned = $5, learned = $6, note = $7
		WHERE log = $1 AND epoch = $2 AND size = $8 AND root = $9`

	sqlWitnessedRestore       = `SELECT statement FROM journal_witnessed_restore WHERE log = $1 AND epoch = $2`
	sqlAllWitnessedRestores   = `SELECT log, epoch, seen, lost, statement FROM journal_witnessed_restore ORDER BY log, epoch`
	sqlInsertWitnessedRestore = `INSERT INTO journal_witnessed_restore (log, epoch, seen, lost, statement)
		VALUES ($1, $2, $3, $4, $5)`

	sqlCountRefusals = `SELECT COUNT(*) FROM journal_witnessed_refusal WHERE log = $1`
	sqlInsertRefusal = `INSERT INTO journal_witnessed_refusal (log, digest, kind, at, size, known, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (log, digest) DO NOTHING`
	sqlFirstRefusal = `SELECT COALESCE(MIN(at), 0) FROM journal_witnessed_refusal WHERE log = $1`
	sqlAllRefusals  = `SELECT log, kind, at, size, known, body FROM journal_witnessed_refusal ORDER BY at, log, digest`
)

// As a log that is witnessed.
const (
	sqlCosignatures = `SELECT epoch, size, line FROM journal_cosignature
		WHERE (epoch > $1 OR (epoch = $1 AND size >= $2)) AND (epoch < $3 OR (epoch = $3 AND size <= $4))
		ORDER BY epoch, size, witness`
	sqlUpsertCosignature = `INSERT INTO journal_cosignature (epoch, size, witness, at, line) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (epoch, size, witness) DO UPDATE SET at = excluded.at, line = excluded.line
		WHERE excluded.at >= journal_cosignature.at`
	sqlNewestCosigned = `SELECT c.size, k.note, c.line FROM journal_cosignature c
		JOIN journal_checkpoint k ON k.epoch = c.epoch AND k.size = c.size
		WHERE c.epoch = $1 AND c.witness = $2 ORDER BY c.size DESC LIMIT 1`

	sqlCheckpointAt = `SELECT epoch, size, at, note FROM journal_checkpoint WHERE epoch = $1 AND size = $2`

	sqlLastSettled   = `SELECT epoch, size, at FROM journal_settled ORDER BY epoch DESC, size DESC LIMIT 1`
	sqlInsertSettled = `INSERT INTO journal_settled (epoch, size, at) VALUES ($1, $2, $3) ON CONFLICT (epoch, size) DO NOTHING`

	// The oldest checkpoint after one that is settled.
	sqlFirstUnsettled = `SELECT at FROM journal_checkpoint
		WHERE epoch > $1 OR (epoch = $1 AND size > $2) ORDER BY epoch, size LIMIT 1`

	sqlAllWitnesses  = `SELECT witness, epoch, size, asked, answered, problem FROM journal_witness ORDER BY witness`
	sqlWitness       = `SELECT epoch, size, asked, answered, problem FROM journal_witness WHERE witness = $1`
	sqlUpsertWitness = `INSERT INTO journal_witness (witness, epoch, size, asked, answered, problem) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (witness) DO UPDATE SET epoch = excluded.epoch, size = excluded.size, asked = excluded.asked,
		answered = excluded.answered, problem = excluded.problem`
)
