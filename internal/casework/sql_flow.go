package casework

import (
	"fmt"
	"strings"
)

const sqlRegions = `SELECT id, region FROM casework_case ORDER BY id`

// sqlCountMonths counts the cases opened between each two of its times.
var sqlCountMonths = func() string {
	sums := make([]string, flowMonths)
	for i := range sums {
		sums[i] = fmt.Sprintf("COALESCE(SUM(CASE WHEN opened_at >= $%d AND opened_at < $%d THEN 1 ELSE 0 END), 0)", i+1, i+2)
	}
	return "SELECT " + strings.Join(sums, ", ") + fmt.Sprintf(" FROM casework_case WHERE opened_at >= $1 AND opened_at < $%d", flowMonths+1)
}()
