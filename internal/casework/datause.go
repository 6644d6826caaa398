package casework

import (
	"slices"
	"strings"
	"time"

	"causeway/internal/consent"
)

// DataUse says in short on what basis a child's data is used: what is permitted, what is
// withheld from whom, and who was told what. Each part is there for whoever may see its
// page, and for nobody else.
type DataUse struct {
	Purposes  []Use       // by purpose, in the order of the code list
	Withheld  []Withheld  // the newest decision first
	Disclosed []Disclosed // newest first
}

// Use is where one purpose stands (code list consent_purpose).
type Use struct {
	Purpose string
	Permits bool   // something permits it now, for everybody it concerns or for one recipient
	State   string // of the newest answer or basis: see package consent
	At      time.Time
}

// Disclosed is one disclosure as the timeline tells of it.
type Disclosed struct {
	ID      [16]byte
	To      [16]byte // a person or a unit
	Purpose string
	Parts   []string // code list disclosure_part
	At      time.Time
	Ended   bool
	TellBy  time.Time // until when the child is told; zero: the child was told
}

// ToTell counts the disclosures of which the child is still to be told.
func (u *DataUse) ToTell() (n int) {
	for i := range u.Disclosed {
		if !u.Disclosed[i].TellBy.IsZero() {
			n++
		}
	}
	return n
}

// DataUse gathers it from the events of a case. purposes are the codes in their order.
func (c *Child) DataUse(purposes []string) DataUse {
	var out DataUse
	if c.May["consent.view"] {
		out.Purposes = c.uses(purposes)
	}
	if c.May["consent.withheld"] {
		out.Withheld = withheldIn(c.Events)
	}
	if c.May["circle.sent"] {
		out.Disclosed = disclosedIn(c.Events)
	}
	return out
}

// uses says where each purpose stands of which anything was asked or stated.
func (c *Child) uses(purposes []string) (out []Use) {
	for _, code := range purposes {
		use := Use{Purpose: code, Permits: slices.ContainsFunc(c.permits, func(p string) bool {
			purpose, _, _ := strings.Cut(p, "/")
			return purpose == code
		})}
		i := slices.IndexFunc(c.Events, func(e Event) bool {
			return e.From == code && (e.Kind == KindConsentAnswer || e.Kind == KindConsentBasis || e.Kind == KindConsentOverride && e.To != consent.Proposed)
		})
		if i >= 0 {
			use.State, use.At = c.Events[i].To, c.Events[i].At
		}
		if i >= 0 || use.Permits {
			out = append(out, use)
		}
	}
	return out
}

// withheldIn returns what events, newest first, say is withheld now.
func withheldIn(events []Event) (out []Withheld) {
	type of struct{ part, role, who string }
	seen := map[of]bool{}
	for i := range events {
		e := &events[i]
		key := of{e.From, e.To, string(e.Who)}
		if !ofWithholding(e.Kind) || e.Kind == KindLiftingAsked || seen[key] {
			continue
		}
		seen[key] = true
		if e.Kind == KindWithholdingLifted {
			continue
		}
		w := Withheld{Part: e.From, Role: e.To, FromAt: e.At.UnixMicro(), Decisions: []Event{*e}}
		copy(w.From[:], e.Who)
		out = append(out, w)
	}
	return out
}

// disclosedIn returns the disclosures that events, newest first, tell of.
func disclosedIn(events []Event) (out []Disclosed) {
	ended, told, later := map[string]bool{}, map[string]bool{}, map[string]time.Time{}
	for i := range events {
		e := &events[i]
		id := string(e.Of)
		switch e.Kind {
		case KindDisclosureEnded:
			ended[id] = true
		case KindDisclosureTold:
			told[id] = true
		case KindTellingPostponed:
			if later[id].IsZero() {
				later[id] = e.DueAt()
			}
		case KindDisclosed:
			d := Disclosed{Purpose: e.To, Parts: e.Reasons, At: e.At, Ended: ended[id]}
			copy(d.ID[:], e.Of)
			copy(d.To[:], e.Who)
			if !told[id] {
				if d.TellBy = e.DueAt(); !later[id].IsZero() {
					d.TellBy = later[id]
				}
			}
			out = append(out, d)
		}
	}
	return out
}
