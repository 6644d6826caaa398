package referral

import (
	"context"
	"slices"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// isFor reports whether a disclosure was made to somebody, or to the unit they are of.
func (d *Disclosure) isFor(c *access.Caller) bool {
	if d.Unit {
		return d.To == [16]byte(c.Unit())
	}
	return d.To == [16]byte(c.Staff())
}

// Letter is one disclosure as its recipient reads it.
type Letter struct {
	Case casework.Case
	Disclosure
	Entry ident.Entry
}

// Read opens one disclosure for its recipient: a look that is entered, at this and
// nothing else. One that was ended, whose consent is gone, or that was made to somebody
// else is refused, and the journal says why.
func (r *Circle) Read(ctx context.Context, c *access.Caller, of ident.Case, id DisclosureID) (*Letter, error) {
	return r.read(ctx, c, of, id, "circle.read")
}

// Print opens one disclosure for paper: an entry of its own.
func (r *Circle) Print(ctx context.Context, c *access.Caller, of ident.Case, id DisclosureID) (*Letter, error) {
	return r.read(ctx, c, of, id, "circle.print")
}

func (r *Circle) read(ctx context.Context, c *access.Caller, of ident.Case, id DisclosureID, action string) (*Letter, error) {
	a := access.Act{Action: action, Purpose: purposeShared, Case: of, About: ident.Command(id), Barred: "not-recipient"}
	own := access.Act{Action: "circle.open", Purpose: purposeShared, Case: of}
	err := r.gate.View(ctx, c, own, func(p *access.Pass) error {
		all, err := disclosedTo(ctx, p, c)
		for i := range all {
			if all[i].ID == id {
				return all[i].asked(ctx, p, &a)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var out Letter
	var head *casework.Case
	err = r.gate.Open(ctx, c, a, func(p *access.Pass) error {
		all, err := fetchDisclosures(ctx, p.Tx(), of)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(d Disclosure) bool { return d.ID == id && d.isFor(c) && d.Ended.IsZero() })
		if i < 0 { // ended between the two
			return fault.New(fault.NotFound, "no-such-page")
		}
		out.Disclosure = all[i]
		head, err = r.cases.Head(ctx, p)
		return err
	}, func(p *access.Pass) error {
		if err := r.cases.CheckHead(p, head); err != nil {
			return err
		}
		out.Case, out.Entry = *head, p.Entry()
		if err := out.open(p); err != nil {
			return err
		}
		r.cases.LeaveOut(p, out.Package.Parts)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &out, nil
}

// asked says in an act what is looked at, so that the floor decides on it.
func (d *Disclosure) asked(ctx context.Context, p *access.Pass, a *access.Act) error {
	a.Purpose, a.CareNotes, a.Barred = d.Purpose, d.Notes, ""
	closed, err := d.closed(ctx, p)
	switch {
	case !d.Ended.IsZero():
		a.Barred = "disclosure-ended"
	case closed:
		a.Barred = "consent-withdrawn"
	}
	return err
}

// Report sends what somebody of the circle has to say to whoever works on the case. It
// stands in the case as coming from them.
func (r *Circle) Report(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, text sealed.Text) error {
	var chk fault.Check
	chk.Require(!text.IsZero(), "circle_report", "required")
	if err := errOr(chk.Err(), checkTexts(map[string]sealed.Text{"circle_report": text}, mostReport)); err != nil {
		return err
	}
	a := access.Act{Action: "circle.report", Purpose: purposeShared, Case: of, Command: cmd}
	_, err := r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
		return "", r.cases.Tell(ctx, p, 0, func(*casework.Case) (*casework.Event, error) {
			return &casework.Event{Kind: casework.KindReportedBack, Content: casework.Content{Text: text}}, nil
		})
	})
	return err
}
