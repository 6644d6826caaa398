package pack_test

import (
	"strings"
	"testing"

	"causeway/internal/pack"
)

func TestApprovals(t *testing.T) {
	p, err := pack.Default(overForms(map[string]string{"approvals.csv": "what,code,when,who,share,source,confidence\n" +
		"record,plan,always,supervisor,40,ours,house choice\nrecord,visit,high,supervisor,100,ours,house choice\nrecord,placement,always,supervisor,0,ours,house choice\n"}))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		what, code, risk string
		share            int
	}{
		{"record", "plan", "low", 40},
		{"record", "plan", "high", 100}, // the row for high risk stands below
		{"record", "visit", "high", 100},
		{"record", "visit", "medium", 0},
		{"record", "placement", "high", 0},
		{"act", "placement", "low", 100},
		{"record", "no_such", "high", 0},
	} {
		a, ok := p.Approval(tt.what, tt.code, tt.risk)
		if a.Share != tt.share && ok || ok != (tt.share > 0) {
			t.Errorf("%s %s at %s risk: share %d, asked %v, want %d", tt.what, tt.code, tt.risk, a.Share, ok, tt.share)
		}
	}
	for row, want := range map[string]string{
		"record,plan,always,supervisor,101,ours,house choice":  "0 (nothing) to 100",
		"record,plan,sometimes,supervisor,10,ours,guidance":    "always or at high risk",
		"record,plan,always,case_worker,10,ours,guidance":      "nobody of this role",
		"act,holiday,always,supervisor,10,ours,guidance":       "not in the list",
		"stage,planned,always,supervisor,10,ours,guidance":     "a record or an act",
		"record,plan,always,supervisor,10,,house choice":       "where this comes from",
		"record,plan,always,supervisor,ten,ours,house choice":  "must be a number",
		"record,plan,always,supervisor,10,ours,hearsay":        "confidence",
		"record,,always,supervisor,10,ours,house choice":       "must name",
		"record,plan,always,supervisor,10,ours,house choice\n": "",
	} {
		_, err := pack.Default(overForms(map[string]string{"approvals.csv": "what,code,when,who,share,source,confidence\n" + row + "\n"}))
		switch {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v, want %q", row, err, want)
		}
	}
}
