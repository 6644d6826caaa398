package oversight

import (
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/sealed"
)

const tableInquiry = "oversight_inquiry"

// What an inquiry is about.
const (
	AboutCase   = "case"
	AboutStaff  = "staff"
	AboutAct    = "act"
	AboutPeriod = "period"
)

// Inquiry is a look of the oversight into how something was done. What it is about, with
// its days, are the filters with which the journal is read for it.
type Inquiry struct {
	ID       ident.Inquiry
	OpenedBy ident.Staff
	Opened   time.Time
	Closed   time.Time // zero: goes on
	About    string    // also AboutAgency
	Staff    ident.Staff
	Agency   ident.Agency
	Act      string    // one of the prepared views of the journal
	From     time.Time // zero: no beginning
	Until    time.Time // zero: no end

	version int64
	mac     []byte
}

func (q *Inquiry) columns() []any {
	return []any{
		q.ID, q.version, q.Opened.UnixMicro(), micros(q.Closed), micros(q.From), micros(q.Until), q.OpenedBy, q.Staff, q.Agency, q.About, q.Act,
	}
}

func (q *Inquiry) scan(scan func(...any) error) error {
	var at [4]int64
	err := scan(&q.ID, &q.version, &at[0], &at[1], &at[2], &at[3], &q.OpenedBy, &q.Staff, &q.Agency, &q.About, &q.Act, &q.mac)
	q.Opened, q.Closed, q.From, q.Until = fromMicros(at[0]), fromMicros(at[1]), fromMicros(at[2]), fromMicros(at[3])
	return err
}

func (r *Room) inquiries(ctx context.Context, p *access.Pass, query string, args ...any) ([]*Inquiry, error) {
	rows, err := p.Tx().Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read inquiries: %w", err)
	}
	defer rows.Close()
	var out []*Inquiry
	for rows.Next() {
		q := new(Inquiry)
		if err := q.scan(rows.Scan); err != nil {
			return nil, fmt.Errorf("read inquiries: %w", err)
		}
		if err := r.key.Check(q.mac, tableInquiry, q.columns()...); err != nil {
			return nil, err
		}
		out = append(out, q)
	}
	return out, rows.Err()
}

func (r *Room) inquiry(ctx context.Context, p *access.Pass, id ident.Inquiry) (*Inquiry, error) {
	all, err := r.inquiries(ctx, p, sqlSelectInquiry, id)
	if err == nil && len(all) != 1 {
		err = fault.New(fault.NotFound, "no-such-page")
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// Question is what an inquiry asks, as it is opened.
type Question struct {
	About  string
	Number string // of the case
	Staff  ident.Staff
	Agency ident.Agency
	Act    string
	From   time.Time
	Until  time.Time
	Reason sealed.Text
}

func (r *Room) checkQuestion(ctx context.Context, g *Question) (number ident.CaseNumber, err error) {
	var c fault.Check
	t := Target{About: AboutSystem}
	switch g.About {
	case AboutStaff:
		t = Target{About: AboutColleague, Staff: g.Staff}
	case AboutAgency:
		t = Target{About: AboutAgency, Agency: g.Agency}
	case AboutCase:
		n, err := ident.ParseCaseNumber(g.Number)
		for _, field := range fault.FieldsOf(err) {
			c.Reject(field.Name, field.Code)
		}
		number = n
	case AboutAct:
		_, known := View(g.Act)
		c.Require(known, "inquiry_act", "required")
	case AboutPeriod:
		c.Require(!g.From.IsZero(), "inquiry_from", "required")
	default:
		c.Reject("inquiry_about", "required")
	}
	if err := r.checkTarget(ctx, &c, &t); err != nil {
		return "", err
	}
	c.Require(g.Until.IsZero() || g.Until.After(g.From), "inquiry_until", "before-the-beginning")
	required(&c, "inquiry_reason", g.Reason)
	g.Staff, g.Agency = t.Staff, t.Agency
	if g.About != AboutAct {
		g.Act = ""
	}
	return number, c.Err()
}

// Begin opens an inquiry with its reason. Nobody opens one about themselves.
func (r *Room) Begin(ctx context.Context, c *access.Caller, cmd ident.Command, g Question) (ident.Inquiry, error) {
	number, err := r.checkQuestion(ctx, &g)
	if err != nil {
		return ident.Inquiry{}, err
	}
	act := access.Act{Action: "inquiry.begin", Purpose: Purpose, Command: cmd, Apart: []ident.Staff{g.Staff}}
	done, err := r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		q := &Inquiry{
			ID: ident.New[ident.Inquiry](), OpenedBy: p.Caller().Staff(), Opened: p.Now(), About: g.About, Staff: g.Staff, Agency: g.Agency,
			Act: g.Act, From: g.From, Until: g.Until, version: 1,
		}
		q.mac = r.key.Digest(tableInquiry, q.columns()...)
		if err := p.Tx().Put(ctx, sqlInsertInquiry, append(q.columns(), q.mac)...); err != nil {
			return "", fmt.Errorf("write inquiry: %w", err)
		}
		p.Wrote(tableInquiry, q.ID[:], q.version, q.mac)
		var about ident.Case
		if number != "" {
			var err error
			if about, err = r.cases.CaseNumbered(ctx, p, number); err != nil {
				return "", err
			}
		}
		return q.ID.String(), r.write(ctx, p, [16]byte(q.ID), about, WordsReason, content{Text: g.Reason, Number: number.String()})
	})
	if err != nil {
		return ident.Inquiry{}, err
	}
	return ident.Parse[ident.Inquiry](done)
}

// Inquiries returns all but those about the caller, or somebody they stand in for: those
// that go on first.
func (r *Room) Inquiries(ctx context.Context, c *access.Caller) (out []*Inquiry, err error) {
	err = r.gate.View(ctx, c, access.Act{Action: "inquiry.list", Purpose: Purpose}, func(p *access.Pass) (err error) {
		out, err = r.inquiries(ctx, p, sqlSelectInquiries, listMost)
		out = slices.DeleteFunc(out, func(q *Inquiry) bool { return c.Among(q.Staff) })
		return err
	})
	return out, err
}

// look asks for an act with an inquiry: nobody named as its subject may.
func (r *Room) look(ctx context.Context, c *access.Caller, id ident.Inquiry, action string) (access.Act, error) {
	act := access.Act{Action: action, Purpose: Purpose, About: ident.Command(id), Barred: "no-such-inquiry"}
	err := r.gate.Own(ctx, c, func(p *access.Pass) error {
		q, err := r.inquiry(ctx, p, id)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err == nil {
			act.Apart, act.Barred = []ident.Staff{q.Staff}, ""
		}
		return err
	})
	return act, err
}

// InquiryPage is one inquiry with all that was written about it.
type InquiryPage struct {
	Inquiry
	Case            ident.Case // none, or erased
	Number          string
	Words           []Words // the reason, marks and findings
	Recommendations []*Recommendation
	Entry           ident.Entry
}

// Inquiry returns one.
func (r *Room) Inquiry(ctx context.Context, c *access.Caller, id ident.Inquiry) (*InquiryPage, error) {
	act, err := r.look(ctx, c, id, "inquiry.read")
	if err != nil {
		return nil, err
	}
	var page InquiryPage
	err = r.gate.View(ctx, c, act, func(p *access.Pass) error {
		q, err := r.inquiry(ctx, p, id)
		if err != nil {
			return err
		}
		page = InquiryPage{Inquiry: *q, Entry: p.Entry()}
		if page.Words, page.Case, page.Number, err = r.said(ctx, p, [16]byte(id)); err != nil {
			return err
		}
		for i := range page.Words {
			w := &page.Words[i]
			if w.Kind != WordsMark {
				continue
			}
			line, err := p.EntryOf(ctx, w.entry)
			if err != nil {
				return err
			}
			w.Entry = &line
		}
		page.Recommendations, err = r.recommendations(ctx, p, sqlSelectRecommendations, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &page, nil
}

// work adds to an inquiry that goes on.
func (r *Room) work(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Inquiry, action string,
	fn func(p *access.Pass, q *Inquiry, about ident.Case) error,
) error {
	act, err := r.look(ctx, c, id, action)
	if err != nil {
		return err
	}
	act.Command = cmd
	_, err = r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		q, err := r.inquiry(ctx, p, id)
		if err != nil {
			return "", err
		}
		if !q.Closed.IsZero() {
			return "", fault.New(fault.Conflict, "inquiry-closed")
		}
		about, err := caseOf(ctx, p, [16]byte(id))
		if err != nil {
			return "", err
		}
		return "", fn(p, q, about)
	})
	return err
}

// Mark notes an entry of the journal in an inquiry. One that does not exist is NotFound.
func (r *Room) Mark(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Inquiry, entry ident.Entry, note sealed.Text) error {
	var chk fault.Check
	optional(&chk, "mark_note", note)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.work(ctx, c, cmd, id, "inquiry.work", func(p *access.Pass, _ *Inquiry, about ident.Case) error {
		if _, err := p.EntryOf(ctx, entry); err != nil {
			return err
		}
		return r.write(ctx, p, [16]byte(id), about, WordsMark, content{Text: note, Entry: entry[:]})
	})
}

// EntryOf returns an entry of the journal for the form that marks it in an inquiry.
func (r *Room) EntryOf(ctx context.Context, c *access.Caller, id ident.Inquiry, entry ident.Entry) (line journal.Line, err error) {
	act, err := r.look(ctx, c, id, "inquiry.read")
	if err != nil {
		return line, err
	}
	err = r.gate.View(ctx, c, act, func(p *access.Pass) (err error) {
		line, err = p.EntryOf(ctx, entry)
		return err
	})
	return line, err
}

// Find writes down what an inquiry found.
func (r *Room) Find(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Inquiry, finding sealed.Text) error {
	var chk fault.Check
	required(&chk, "inquiry_finding", finding)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.work(ctx, c, cmd, id, "inquiry.work", func(p *access.Pass, _ *Inquiry, about ident.Case) error {
		return r.write(ctx, p, [16]byte(id), about, WordsFinding, content{Text: finding})
	})
}

// Close ends an inquiry. Recommendations that nobody answered can still be answered.
func (r *Room) Close(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Inquiry) error {
	return r.work(ctx, c, cmd, id, "inquiry.close", func(p *access.Pass, q *Inquiry, _ ident.Case) error {
		before := q.version
		q.Closed, q.version = p.Now(), before+1
		q.mac = r.key.Digest(tableInquiry, q.columns()...)
		n, err := p.Tx().Exec(ctx, sqlUpdateInquiry, q.ID, q.version, q.Closed.UnixMicro(), q.mac, before)
		if err == nil && n != 1 {
			err = notNow()
		}
		if err != nil {
			return fmt.Errorf("close inquiry: %w", err)
		}
		p.Wrote(tableInquiry, q.ID[:], q.version, q.mac)
		return nil
	})
}
