package referral

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
)

// circleLedger is a table of this room with rows of its own about a case, each with an
// identifier, a version and a digest.
type circleLedger struct{ table, insert, update, of string }

var (
	memberLedger  = circleLedger{memberTable, sqlInsertMember, sqlUpdateMember, sqlSelectMembers}
	requestLedger = circleLedger{requestTable, sqlInsertRequest, sqlUpdateRequest, sqlSelectRequests}
)

// stamp is what every such row begins with.
type stamp struct {
	Case    ident.Case
	Version int64

	mac []byte
}

func (st *stamp) digested(cols []any) []any { return append([]any{st.Case[:]}, cols...) }

// write stores the next version of a row of the pass's case.
func (l circleLedger) write(ctx context.Context, p *access.Pass, s *keys.Sealer, id []byte, st *stamp, cols []any) error {
	before := st.Version
	st.Case, st.Version = p.Case(), before+1
	st.mac = s.MAC(l.table, id, st.Version, st.digested(cols)...)
	args := append([]any{st.Case, id, st.Version, st.mac}, cols...)
	if before == 0 {
		if err := p.Tx().Put(ctx, l.insert, args...); err != nil {
			return fmt.Errorf("write %s: %w", l.table, err)
		}
	} else {
		n, err := p.Tx().Exec(ctx, l.update, append(args, before)...)
		if err != nil {
			return fmt.Errorf("write %s: %w", l.table, err)
		}
		if n != 1 {
			return fault.New(fault.Conflict, "changed-meanwhile")
		}
	}
	p.Wrote(l.table, id, st.Version, st.mac)
	return nil
}

// check refuses a row that this program did not write as it is.
func (l circleLedger) check(k checker, id []byte, st *stamp, cols []any) error {
	return k.CheckMAC(st.mac, l.table, id, st.Version, st.digested(cols)...)
}

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
