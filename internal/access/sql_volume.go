package access

// Volume and its alarms.
const (
	sqlAddVolume = `INSERT INTO access_volume (staff, hour, opens, searches, exports, denials) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (staff, hour) DO UPDATE SET opens = access_volume.opens + excluded.opens,
		searches = access_volume.searches + excluded.searches, exports = access_volume.exports + excluded.exports,
		denials = access_volume.denials + excluded.denials`
	sqlSelectVolume  = `SELECT hour, opens, searches, exports, denials FROM access_volume WHERE staff = $1 AND hour >= $2 ORDER BY hour`
	sqlPurgeVolume   = `DELETE FROM access_volume WHERE hour < $1`
	sqlSumOpens      = `SELECT CAST(COALESCE(SUM(opens), 0) AS BIGINT) FROM access_volume WHERE hour >= $1`
	sqlCountCaseload = `SELECT COUNT(*) FROM access_reach WHERE holder = $1 AND until_at > $2 AND relation IN ('lead', 'helper')`

	sqlInsertAlarm = `INSERT INTO access_alarm (id, at, staff, kind, span, counted, bound, median, caseload, settled_at, settled_by, outcome)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, NULL, '')`
	sqlSelectAlarms = `SELECT id, at, staff, kind, span, counted, bound, median, caseload, settled_at, settled_by, outcome
		FROM access_alarm WHERE at > $1 ORDER BY at DESC, id LIMIT $2`
	sqlSelectAlarm = `SELECT id, at, staff, kind, span, counted, bound, median, caseload, settled_at, settled_by, outcome
		FROM access_alarm WHERE id = $1`
	sqlSettleAlarm = `UPDATE access_alarm SET settled_at = $2, settled_by = $3, outcome = $4 WHERE id = $1 AND settled_at = 0`
)
