package referral

import (
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/ident"
)

var (
	memberLedger  = access.Ledger{Table: memberTable, Insert: sqlInsertMember, Update: sqlUpdateMember, Of: sqlSelectMembers}
	requestLedger = access.Ledger{Table: requestTable, Insert: sqlInsertRequest, Update: sqlUpdateRequest, Of: sqlSelectRequests}
)

// stamp is what every row of a ledger begins with.
type stamp = access.Stamp

// optTime stores a time, NULL for none; fromOpt reads it.
func optTime(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

func fromOpt(at *int64) time.Time {
	if at == nil {
		return time.Time{}
	}
	return clock.FromMicros(*at)
}

// optCode stores a code, NULL for none; fromCode reads it.
func optCode(code string) any {
	if code == "" {
		return nil
	}
	return code
}

func fromCode(code *string) string {
	if code == nil {
		return ""
	}
	return *code
}

// optStaff stores a person, NULL for none.
func optStaff(who ident.Staff) any {
	if who.IsZero() {
		return nil
	}
	return who[:]
}
