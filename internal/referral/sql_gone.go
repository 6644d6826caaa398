package referral

const (
	sqlCaseWires = `SELECT a.peer, a.wire, a.side, a.sent_at IS NOT NULL, COALESCE(a.recalled, ''), a.revision, t.state FROM referral_abroad a
		JOIN referral_thread t ON t.case_id = a.case_id AND t.id = a.id WHERE a.case_id = $1 ORDER BY a.peer, a.wire, a.side`
	sqlInsertOverOnce = `INSERT INTO referral_over (at, revision, wire, peer, state) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (peer, wire) DO NOTHING`

	goneColumns   = `at, answered, wire, asked, peer, side, outcome`
	sqlInsertGone = `INSERT INTO referral_gone (` + goneColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (peer, wire, side) DO NOTHING`
	sqlAnswerGone = `UPDATE referral_gone SET answered = $4, outcome = $5 WHERE peer = $1 AND wire = $2 AND side = $3 AND answered = 0`
	sqlOneGone    = `SELECT COUNT(*) FROM referral_gone WHERE peer = $1 AND wire = $2`
	sqlSelectGone = `SELECT ` + goneColumns + ` FROM referral_gone ORDER BY at DESC, peer, wire, side LIMIT $1`
)
