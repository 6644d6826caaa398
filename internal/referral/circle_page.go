package referral

import (
	"bytes"
	"context"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/consent"
	"causeway/internal/ident"
	"causeway/internal/pack"
)

// Page is who helps a child and who was told what, for those who work on the case.
type Page struct {
	*casework.Child
	Members     []Member     // since when they are in it; those who left last
	Disclosures []Disclosure // newest first, opened
	Requests    []Request    // those that wait first
	May         map[string]bool
}

// pageActions are what the page may offer.
var pageActions = []string{"circle.disclose", "circle.recall", "circle.told", "circle.keep", "circle.decide"}

// ToTell returns the disclosures of which the child is still to be told, the most
// urgent first.
func (p *Page) ToTell() []Disclosure {
	out := slices.DeleteFunc(slices.Clone(p.Disclosures), func(d Disclosure) bool { return !d.Untold() })
	slices.SortStableFunc(out, func(a, b Disclosure) int { return a.TellBy.Compare(b.TellBy) })
	return out
}

// postponed takes the day by which the child is told from the events, newest first.
func (d *Disclosure) postponed(events []casework.Event) {
	for i := range events {
		if e := &events[i]; e.Kind == casework.KindTellingPostponed && bytes.Equal(e.Of, d.ID[:]) {
			d.TellBy, d.Body.Untold = e.DueAt(), e.Text
			return
		}
	}
}

// Given returns one disclosure of the page, nil for none.
func (p *Page) Given(id DisclosureID) *Disclosure {
	if i := slices.IndexFunc(p.Disclosures, func(d Disclosure) bool { return d.ID == id }); i >= 0 {
		return &p.Disclosures[i]
	}
	return nil
}

// Member returns one person of the page, nil for none.
func (p *Page) Member(id MemberID) *Member {
	if i := slices.IndexFunc(p.Members, func(m Member) bool { return m.ID == id }); i >= 0 {
		return &p.Members[i]
	}
	return nil
}

// Request returns one request of the page, nil for none.
func (p *Page) Request(id RequestID) *Request {
	if i := slices.IndexFunc(p.Requests, func(q Request) bool { return q.ID == id }); i >= 0 {
		return &p.Requests[i]
	}
	return nil
}

// Page reads the circle of a case.
func (r *Circle) Page(ctx context.Context, c *access.Caller, of ident.Case) (*Page, error) {
	var page Page
	child, err := r.cases.Beside(ctx, c, of, "circle.sent", func(p *access.Pass) (err error) {
		if page.Members, err = fetchMembers(ctx, p.Tx(), of); err != nil {
			return err
		}
		if page.Requests, err = fetchRequests(ctx, p.Tx(), sqlSelectRequests, of); err != nil {
			return err
		}
		page.Disclosures, err = fetchDisclosures(ctx, p.Tx(), of)
		return err
	}, func(p *access.Pass, child *casework.Child) (err error) {
		for i := range page.Members {
			if err := page.Members[i].open(p); err != nil {
				return err
			}
		}
		for i := range page.Requests {
			if err := page.Requests[i].open(p); err != nil {
				return err
			}
		}
		for i := range page.Disclosures {
			if err := page.Disclosures[i].open(p); err != nil {
				return err
			}
			r.cases.LeaveOut(p, page.Disclosures[i].Package.Parts)
			page.Disclosures[i].postponed(child.Events)
		}
		page.May, err = p.May(ctx, pageActions...)
		return err
	})
	if err != nil {
		return nil, err
	}
	page.Child = child
	slices.Reverse(page.Disclosures)
	slices.SortStableFunc(page.Members, func(a, b Member) int { return b2i(!a.Open()) - b2i(!b.Open()) })
	slices.SortStableFunc(page.Requests, func(a, b Request) int { return b2i(!a.Waits()) - b2i(!b.Waits()) })
	return &page, nil
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Helped is one child whom somebody helps: a number, no name.
type Helped struct {
	Case  casework.Case
	Roles []string // code list circle_role; none: something was disclosed to them or their unit
	// Letters is how many disclosures they can read, Newest when the last was made.
	Letters int
	Newest  time.Time
	// Unanswered is for how many purposes a guardian is still to be asked.
	Unanswered int
}

// helpedMost is how many children the list shows.
const helpedMost = 50

// HelpedList is the children whom somebody helps, and what was decided of what they
// asked for.
type HelpedList struct {
	Children []Helped
	Answers  []Reply
	Entry    ident.Entry
}

// Reply is what was decided of a request, as its asker sees it.
type Reply struct {
	Number ident.CaseNumber
	Request
}

// Mine lists the children whom the caller helps, by number.
func (r *Circle) Mine(ctx context.Context, c *access.Caller) (*HelpedList, error) {
	var out HelpedList
	a := access.Act{Action: "circle.mine", Purpose: purposeShared}
	err := r.gate.List(ctx, c, a, func(p *access.Pass) ([]ident.Case, error) {
		ids, err := reachedAs(ctx, p, c)
		if err != nil {
			return nil, err
		}
		heads, err := r.cases.Heads(ctx, p, ids)
		if err != nil {
			return nil, err
		}
		roles := map[ident.Case][]string{}
		err = eachRow(ctx, p.Tx(), func(scan func(...any) error) error {
			var of ident.Case
			var role string
			var since int64
			err := scan(&of, &role, &since)
			roles[of] = append(roles[of], role)
			return err
		}, sqlMyRoles, c.Staff())
		out = HelpedList{}
		for _, h := range heads {
			out.Children = append(out.Children, Helped{Case: *h, Roles: roles[h.ID]})
		}
		return ids, err
	}, func(p *access.Pass) error {
		out.Entry = p.Entry()
		for i := range out.Children {
			if err := r.cases.CheckHead(p, &out.Children[i].Case); err != nil {
				return err
			}
			if err := r.waitsFor(ctx, p, c, &out.Children[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out.Answers, err = r.answers(ctx, c)
	return &out, err
}

// waitsFor fills in what waits for somebody who helps a child.
func (r *Circle) waitsFor(ctx context.Context, p *access.Pass, c *access.Caller, h *Helped) (err error) {
	all, err := fetchDisclosures(ctx, p.Tx(), h.Case.ID)
	if err != nil {
		return err
	}
	o, err := p.Opener(h.Case.ID)
	if err != nil {
		return err
	}
	for i := range all {
		d := &all[i]
		if !d.isFor(c) || !d.Ended.IsZero() {
			continue
		}
		if err := d.check(o); err != nil {
			return err
		}
		h.Letters, h.Newest = h.Letters+1, d.At
	}
	if c.Role() == access.RoleGuardian && len(h.Roles) > 0 {
		h.Unanswered, err = consent.Unanswered(ctx, p, h.Case.ID, r.codes.Codes(pack.ConsentPurposes))
	}
	return err
}

// reachedAs picks the cases of which the caller was told something or in whose circle
// they are, as far as they may see them there.
func reachedAs(ctx context.Context, p *access.Pass, c *access.Caller) ([]ident.Case, error) {
	var ids []ident.Case
	add := func(scan func(...any) error) error {
		var id ident.Case
		err := scan(&id)
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
		return err
	}
	if err := eachRow(ctx, p.Tx(), add, sqlCasesHelped, c.Staff(), 4*helpedMost); err != nil {
		return nil, err
	}
	if err := eachRow(ctx, p.Tx(), add, sqlCasesToldTo, c.Staff(), c.Unit(), 4*helpedMost); err != nil {
		return nil, err
	}
	ok, err := p.Visible(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []ident.Case
	for i, id := range ids {
		if ok[i] && len(out) < helpedMost {
			out = append(out, id)
		}
	}
	return out, nil
}

// answers reads what was decided of what the caller asked for: codes and dates, with
// the number they typed.
func (r *Circle) answers(ctx context.Context, c *access.Caller) (out []Reply, err error) {
	err = r.gate.Own(ctx, c, func(p *access.Pass) error {
		all, err := fetchRequests(ctx, p.Tx(), sqlMyAnswers, c.Staff())
		if err != nil || len(all) == 0 {
			return err
		}
		ids := make([]ident.Case, len(all))
		for i := range all {
			ids[i] = all[i].Case
		}
		heads, err := r.cases.Heads(ctx, p, ids)
		for i := range all {
			for _, h := range heads {
				if h.ID == all[i].Case {
					out = append(out, Reply{h.Number, all[i]})
					break
				}
			}
		}
		return err
	})
	return out, err
}

// Part is somebody's own part of a case.
type Part struct {
	Case        casework.Case
	Roles       []string
	Disclosures []Disclosure          // to them or their unit, newest first, not opened
	Closed      map[DisclosureID]bool // what they can read no more: ended, or its consent is gone
	casework.Addressed
	MayReport bool
	MayAnswer bool // see what is permitted, and answer or withdraw
	MayNote   bool // keep the notes of the child's lawyer
	Entry     ident.Entry
}

// Part reads the caller's own part of a case: what was disclosed to them, what they
// were asked, what they reported. It opens no disclosure: see [Circle.Read].
func (r *Circle) Part(ctx context.Context, c *access.Caller, of ident.Case) (*Part, error) {
	part := Part{Closed: map[DisclosureID]bool{}}
	a := access.Act{Action: "circle.open", Purpose: purposeShared, Case: of}
	err := r.gate.View(ctx, c, a, func(p *access.Pass) error {
		head, err := r.cases.Head(ctx, p)
		if err != nil {
			return err
		}
		if err := r.cases.CheckHead(p, head); err != nil {
			return err
		}
		part.Case, part.Entry = *head, p.Entry()
		if part.Roles, err = rolesOf(ctx, p, c); err != nil {
			return err
		}
		told, err := r.cases.FetchAddressed(ctx, p)
		if err != nil {
			return err
		}
		if part.Addressed, err = told.Open(p, head, c.Staff()); err != nil {
			return err
		}
		if part.Disclosures, err = disclosedTo(ctx, p, c); err != nil {
			return err
		}
		for i := range part.Disclosures {
			d := &part.Disclosures[i]
			if part.Closed[d.ID], err = d.closed(ctx, p); err != nil {
				return err
			}
		}
		slices.Reverse(part.Disclosures)
		may, err := p.May(ctx, "circle.report", "consent.view", "consent.notes")
		part.MayReport, part.MayAnswer, part.MayNote = may["circle.report"], may["consent.view"], may["consent.notes"]
		return err
	})
	if err != nil {
		return nil, err
	}
	return &part, nil
}

// rolesOf returns in which roles somebody is in the circle of the pass's case.
func rolesOf(ctx context.Context, p *access.Pass, c *access.Caller) (out []string, err error) {
	members, err := fetchMembers(ctx, p.Tx(), p.Case())
	for i := range members {
		if err := members[i].open(p); err != nil {
			return nil, err
		}
		if members[i].Open() && members[i].Staff == c.Staff() {
			out = append(out, members[i].Role)
		}
	}
	return out, err
}

// disclosedTo reads and checks what was disclosed to somebody, by number, not opened.
func disclosedTo(ctx context.Context, p *access.Pass, c *access.Caller) ([]Disclosure, error) {
	all, err := fetchDisclosures(ctx, p.Tx(), p.Case())
	if err != nil {
		return nil, err
	}
	o, err := p.Opener(p.Case())
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(d Disclosure) bool { return !d.isFor(c) })
	for i := range all {
		if err := all[i].check(o); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// closed reports whether a disclosure can be read no more: it was ended, or its consent
// is gone.
func (d *Disclosure) closed(ctx context.Context, p *access.Pass) (bool, error) {
	if !d.Ended.IsZero() || !d.OnConsent() {
		return !d.Ended.IsZero(), nil
	}
	holds, err := d.consented(ctx, p)
	return !holds, err
}
