package document

const (
	documentColumns = `id, case_id, size, chunks, made_at, made_by, state, asked_by, sum, sealed, closing, version, row_mac`

	sqlInsertDocument = `INSERT INTO document_document (id, case_id, size, chunks, made_at, made_by, state, asked_by,
		sum, sealed, closing, version, row_mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`
	sqlUpdateDocument = `UPDATE document_document SET state = $2, asked_by = $3, closing = $4, version = $5, row_mac = $6
		WHERE id = $1 AND version = $7`
	sqlSelectDocument = `SELECT ` + documentColumns + ` FROM document_document WHERE id = $1 AND case_id = $2`
	sqlOfCase         = `SELECT ` + documentColumns + ` FROM document_document WHERE case_id = $1 ORDER BY made_at DESC, id`
	sqlAsked          = `SELECT asked_by FROM document_document WHERE id = $1 AND case_id = $2`
	sqlTaken          = `SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN state IN ('removed', 'destroyed') THEN 0 ELSE size END), 0) AS BIGINT)
		FROM document_document WHERE case_id = $1`
	sqlAllDocuments = `SELECT case_id, id FROM document_document ORDER BY case_id, made_at, id`

	sqlInsertChunk  = `INSERT INTO document_chunk (n, document_id, sealed) VALUES ($1, $2, $3)`
	sqlSelectChunk  = `SELECT sealed FROM document_chunk WHERE document_id = $1 AND n = $2`
	sqlAllChunks    = `SELECT sealed FROM document_chunk WHERE document_id = $1 ORDER BY n`
	sqlDeleteChunks = `DELETE FROM document_chunk WHERE document_id = $1`

	sqlInsertUpload = `INSERT INTO document_upload (size, made_at, expires_at, id, case_id, staff_id, sealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`
	sqlSelectUpload = `SELECT size, expires_at, case_id, staff_id, sealed FROM document_upload WHERE id = $1`
	sqlDeleteUpload = `DELETE FROM document_upload WHERE id = $1`
	sqlCountUploads = `SELECT COUNT(*) FROM document_upload WHERE staff_id = $1 AND expires_at > $2`
	sqlMyUploads    = `SELECT size, expires_at, id, sealed FROM document_upload
		WHERE staff_id = $1 AND case_id = $2 AND expires_at > $3 ORDER BY made_at DESC, id LIMIT 20`
	sqlOldUploads = `SELECT id FROM document_upload WHERE expires_at <= $1 ORDER BY expires_at, id LIMIT 100`

	sqlInsertPiece  = `INSERT INTO document_piece (n, size, upload_id, sealed) VALUES ($1, $2, $3, $4)`
	sqlSelectPiece  = `SELECT sealed FROM document_piece WHERE upload_id = $1 AND n = $2`
	sqlSelectPieces = `SELECT n, size FROM document_piece WHERE upload_id = $1 ORDER BY n`
	sqlDeletePieces = `DELETE FROM document_piece WHERE upload_id = $1`

	sqlEraseChunks = `DELETE FROM document_chunk WHERE document_id IN (SELECT id FROM document_document WHERE case_id = $1)`
	sqlErasePieces = `DELETE FROM document_piece WHERE upload_id IN (SELECT id FROM document_upload WHERE case_id = $1)`
	sqlErase       = `DELETE FROM document_document WHERE case_id = $1`
	sqlEraseUpload = `DELETE FROM document_upload WHERE case_id = $1`
)
