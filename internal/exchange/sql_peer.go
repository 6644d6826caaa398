package exchange

const (
	peerColumns = `node, version, added_at, confirmed_at, state_at, added_by, confirmed_by, state_by, country, state, why, card, terms, proposed,
		pair, row_mac`

	sqlInsertPeer = `INSERT INTO exchange_peer (` + peerColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`
	sqlUpdatePeer = `UPDATE exchange_peer SET version = $2, added_at = $3, confirmed_at = $4, state_at = $5, added_by = $6, confirmed_by = $7,
		state_by = $8, country = $9, state = $10, why = $11, card = $12, terms = $13, proposed = $14, pair = $15, row_mac = $16
		WHERE node = $1 AND version = $17`
	sqlGlancePeer  = `SELECT version, state, why, row_mac FROM exchange_peer WHERE node = $1`
	sqlSelectPeer  = `SELECT ` + peerColumns + ` FROM exchange_peer WHERE node = $1`
	sqlSelectPeers = `SELECT ` + peerColumns + ` FROM exchange_peer ORDER BY country, node`

	sqlInsertSaid = `INSERT INTO exchange_said (node, recovery, seq, at, kind, body, row_mac) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	sqlSelectSaid = `SELECT seq, at, kind, body, row_mac FROM exchange_said WHERE node = $1 AND recovery = $2 ORDER BY seq`

	sqlInsertSelf = `INSERT INTO exchange_self (kind, serial, at, body, row_mac) VALUES ($1, $2, $3, $4, $5)`
	sqlSelectSelf = `SELECT kind, serial, at, body, row_mac FROM exchange_self ORDER BY kind, serial`
)
