package match

// The queries of questions, answers and counts.
const (
	questionColumns   = `case_id, id, version, row_mac, at, decided, sent, epoch, urgent, wire, agreement, officer, approver, state, why, sealed`
	sqlInsertQuestion = `INSERT INTO match_question (` + questionColumns + `)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`
	sqlUpdateQuestion = `UPDATE match_question SET version = $3, row_mac = $4, at = $5, decided = $6, sent = $7, epoch = $8, urgent = $9,
		wire = $10, agreement = $11, officer = $12, approver = $13, state = $14, why = $15, sealed = $16 WHERE case_id = $1 AND id = $2 AND version = $17`
	sqlQuestionsOf    = `SELECT ` + questionColumns + ` FROM match_question WHERE case_id = $1 ORDER BY at, id`
	sqlQuestionOfWire = `SELECT ` + questionColumns + ` FROM match_question WHERE agreement = $1 AND wire = $2 AND state = 'sent' ORDER BY at, id LIMIT 1`
	sqlApproved       = `SELECT ` + questionColumns + ` FROM match_question WHERE agreement = $1 AND state = 'approved' ORDER BY at, id LIMIT 50`
	sqlAwaiting       = `SELECT ` + questionColumns + ` FROM match_question WHERE agreement = $1 AND state = 'asked' ORDER BY at, id LIMIT 50`
	sqlAllQuestions   = `SELECT case_id, id FROM match_question ORDER BY case_id, id`
	sqlEraseQuestions = `DELETE FROM match_question WHERE case_id = $1`

	sqlInsertSlot = `INSERT INTO match_slot (day, slot, scope, agreement, who) VALUES ($1, $2, $3, $4, $5)`
	sqlCountSlots = `SELECT COUNT(*) FROM match_slot WHERE agreement = $1 AND scope = $2 AND who = $3 AND day = $4`
	sqlOpenAsks   = `SELECT id FROM match_agreement WHERE state = 'force' AND side = 'asker' ORDER BY id`
	sqlFreeChild  = `DELETE FROM match_slot WHERE agreement = $1 AND scope = 'child' AND who = $2 AND day = $3`
	sqlEraseSlots = `DELETE FROM match_slot WHERE who = $1`

	sqlInsertLetter = `INSERT INTO match_letter (day, part, at, epoch, answers, way, agreement, body) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`
	sqlHasLetter    = `SELECT COUNT(*) FROM match_letter WHERE agreement = $1 AND way = $2 AND day = $3 AND part = $4`
	sqlWaiting      = `SELECT day, part, epoch, way, body FROM match_letter WHERE agreement = $1 AND length(body) > 0 ORDER BY way DESC, day, part LIMIT 1`
	sqlLookedUp     = `UPDATE match_letter SET body = $5 WHERE agreement = $1 AND way = $2 AND day = $3 AND part = $4`
	sqlCountLetters = `SELECT COUNT(*), CAST(COALESCE(SUM(answers), 0) AS BIGINT) FROM match_letter WHERE agreement = $1 AND way = $2 AND day >= $3 AND day < $4`
	sqlDropBodies   = `UPDATE match_letter SET body = $3 WHERE agreement = $1 AND epoch <= $2 AND length(body) > 0`

	askedColumns   = `case_id, id, version, row_mac, at, due, decided, epoch, urgent, agreement, question, decider, state, sealed`
	sqlInsertAsked = `INSERT INTO match_asked (` + askedColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`
	sqlUpdateAsked = `UPDATE match_asked SET version = $3, row_mac = $4, at = $5, due = $6, decided = $7, epoch = $8, urgent = $9,
		agreement = $10, question = $11, decider = $12, state = $13, sealed = $14 WHERE case_id = $1 AND id = $2 AND version = $15`
	sqlAskedOf    = `SELECT ` + askedColumns + ` FROM match_asked WHERE case_id = $1 ORDER BY at, id`
	sqlAskedOpen  = `SELECT ` + askedColumns + ` FROM match_asked WHERE state = 'open' ORDER BY urgent DESC, due, id LIMIT 50`
	sqlHasAsked   = `SELECT COUNT(*) FROM match_asked WHERE agreement = $1 AND question = $2 AND case_id = $3`
	sqlAllAsked   = `SELECT case_id, id FROM match_asked ORDER BY case_id, id`
	sqlEraseAsked = `DELETE FROM match_asked WHERE case_id = $1`

	answerColumns   = `at, day, epoch, agreement, question, case_id, state, agreed, sealed`
	sqlInsertAnswer = `INSERT INTO match_answer (` + answerColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	sqlSelectAnswer = `SELECT ` + answerColumns + ` FROM match_answer WHERE agreement = $1 AND question = $2`
	sqlAnswersOf    = `SELECT ` + answerColumns + ` FROM match_answer WHERE case_id = $1 ORDER BY at, question`
	sqlAnswersGiven = `SELECT ` + answerColumns + ` FROM match_answer WHERE agreement = $1 AND day = 0 AND state = 'given' AND at < $2 ORDER BY question LIMIT 50`
	sqlAnswerSent   = `UPDATE match_answer SET day = $3 WHERE agreement = $1 AND question = $2 AND day = 0`
	sqlAnswerState  = `UPDATE match_answer SET state = $3, agreed = $4, sealed = $5 WHERE agreement = $1 AND question = $2 AND state = $6`
	sqlAnyAnswer    = `SELECT COUNT(*) FROM match_answer WHERE agreement = $1 AND epoch <= $2`
	sqlAnyBody      = `SELECT COUNT(*) FROM match_letter WHERE agreement = $1 AND epoch <= $2 AND length(body) > 0`
	sqlEraseAnswers = `DELETE FROM match_answer WHERE case_id = $1`
	sqlDropAnswers  = `DELETE FROM match_answer WHERE agreement = $1 AND epoch <= $2`

	sqlInsertCount  = `INSERT INTO match_count (at, agreement, month, ours, theirs) VALUES ($1, $2, $3, $4, $5)`
	sqlUpdateCount  = `UPDATE match_count SET at = $1, ours = $4, theirs = $5 WHERE agreement = $2 AND month = $3`
	sqlSelectCount  = `SELECT at, ours, theirs FROM match_count WHERE agreement = $1 AND month = $2`
	sqlSelectCounts = `SELECT month, at, ours, theirs FROM match_count WHERE agreement = $1 ORDER BY month DESC LIMIT 24`
)
