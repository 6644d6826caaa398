package staff

const (
	sqlInsertMail = `INSERT INTO staff_mail (staff, confirmed, version, sealed) VALUES ($1, $2, $3, $4)`
	sqlUpdateMail = `UPDATE staff_mail SET confirmed = $2, version = $3, sealed = $4 WHERE staff = $1 AND version = $5`
	sqlResealMail = `UPDATE staff_mail SET sealed = $3 WHERE staff = $1 AND version = $2`
	sqlSelectMail = `SELECT staff, version, sealed FROM staff_mail WHERE staff = $1`
	sqlAllMail    = `SELECT staff, version, sealed FROM staff_mail ORDER BY staff`
	sqlDeleteMail = `DELETE FROM staff_mail WHERE staff = $1`
	sqlLeastMail  = `SELECT sealed FROM staff_mail ORDER BY sealed, staff LIMIT 1`

	// sqlQueueWord queues the word that something waits: at once ($3), or within what one
	// person gets in an hour ($4). Who gave no address is left out.
	sqlQueueWord = `INSERT INTO staff_outbox (staff, kind, queued_at, due_at, sent_at, failed_at, tries)
		SELECT staff, 'waits', $2, $2, 0, 0, 0 FROM staff_mail WHERE staff = $1 AND confirmed
		ON CONFLICT (staff, kind) DO UPDATE SET
			queued_at = CASE WHEN staff_outbox.queued_at > 0 THEN staff_outbox.queued_at ELSE excluded.queued_at END,
			due_at = CASE WHEN $3 THEN excluded.due_at WHEN staff_outbox.queued_at > 0 THEN staff_outbox.due_at
				WHEN staff_outbox.sent_at > excluded.due_at - $4 THEN staff_outbox.sent_at + $4 ELSE excluded.due_at END,
			tries = CASE WHEN staff_outbox.queued_at > 0 THEN staff_outbox.tries ELSE 0 END`
	sqlQueueCode = `INSERT INTO staff_outbox (staff, kind, queued_at, due_at, sent_at, failed_at, tries) VALUES ($1, 'code', $2, $2, 0, 0, 0)
		ON CONFLICT (staff, kind) DO UPDATE SET queued_at = excluded.queued_at, due_at = excluded.due_at, tries = 0`
	sqlSelectOutbox = `SELECT staff, kind, queued_at, tries FROM staff_outbox WHERE queued_at > 0 AND due_at <= $1 ORDER BY due_at, staff, kind LIMIT $2`
	sqlTryOutbox    = `UPDATE staff_outbox SET due_at = $3, tries = tries + 1 WHERE staff = $1 AND kind = $2`
	sqlSentOutbox   = `UPDATE staff_outbox SET queued_at = 0, sent_at = $3, failed_at = 0 WHERE staff = $1 AND kind = $2 AND queued_at = $4`
	sqlDropOutbox   = `UPDATE staff_outbox SET queued_at = 0, failed_at = $3 WHERE staff = $1 AND kind = $2`
	sqlDeleteOutbox = `DELETE FROM staff_outbox WHERE staff = $1`
	sqlVoidOutbox   = `DELETE FROM staff_outbox`
	sqlCountUnsent  = `SELECT COUNT(*) FROM staff_outbox WHERE failed_at > $1`

	sqlPurgeOutbox = `DELETE FROM staff_outbox WHERE staff IN (SELECT id FROM staff_account WHERE state = 'disabled')`
	sqlPurgeMail   = `DELETE FROM staff_mail WHERE staff IN (SELECT id FROM staff_account WHERE state = 'disabled')`
)
