package exchange

const (
	sqlKeepLeaf   = `INSERT INTO exchange_leaf (leaf, entry) VALUES ($1, $2) ON CONFLICT (leaf) DO NOTHING`
	sqlSelectLeaf = `SELECT entry FROM exchange_leaf WHERE leaf = $1`

	sqlWantLogged   = `INSERT INTO exchange_logged (asked, node, leaf, proof) VALUES (0, $1, $2, '') ON CONFLICT (node, leaf) DO NOTHING`
	sqlKeepLogged   = `UPDATE exchange_logged SET proof = $3 WHERE node = $1 AND leaf = $2`
	sqlAskedLogged  = `UPDATE exchange_logged SET asked = $3 WHERE node = $1 AND leaf = $2`
	sqlOpenLogged   = `SELECT leaf FROM exchange_logged WHERE node = $1 AND proof = '' ORDER BY asked, leaf LIMIT $2`
	sqlSelectLogged = `SELECT proof FROM exchange_logged WHERE node = $1 AND leaf = $2`
)
