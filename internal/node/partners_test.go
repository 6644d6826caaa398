package node

import (
	"testing"
	"time"

	"causeway/internal/web"
)

// TestTheHealthOfOurKeys: people are told when keys end, and when the journal is signed by
// a key that partners were not told of.
func TestTheHealthOfOurKeys(t *testing.T) {
	now := time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)
	for advice, own := range map[string]PartnerKeys{
		"":               {Ends: now.AddDate(0, 6, 0), Log: true},
		"exchange-log":   {Ends: now.AddDate(0, 6, 0)},
		"exchange-renew": {Ends: now.AddDate(0, 0, 9), Log: true},
		"exchange-none":  {},
	} {
		h := Health{At: now, Exchange: []PartnerKeys{own}}
		got := "nothing at all"
		h.addPartners(func(c web.Check, _, say string) {
			if c.Key == "exchange-keys" {
				got = say
			}
		})
		if got != advice {
			t.Errorf("%+v: advised %q, want %q", own, got, advice)
		}
	}
}
