package oversight

import (
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

const tableComplaint = "oversight_complaint"

// Whom or what a complaint is about.
const (
	AboutColleague = "colleague"
	AboutAgency    = "agency"
	AboutSystem    = "system" // this program, or how it is set up
)

// The states of a complaint, in their order.
const (
	Received     = "received"
	Acknowledged = "acknowledged"
	LookedInto   = "looked_into"
	Answered     = "answered"
)

// What people are told about complaints (codes that package staff knows).
const (
	tellFiled    = "complaint"          // one waits for you
	tellDanger   = "complaint-danger"   // and who complains is not safe
	tellAnswered = "complaint-answered" // yours has moved on
)

// Complaint is what somebody complains about, in codes and days.
type Complaint struct {
	ID      ident.Complaint
	FiledBy ident.Staff // who wrote it down
	Handler ident.Staff // none until it is acknowledged

	About  string
	Staff  ident.Staff  // whom it is about
	Agency ident.Agency // or which agency

	Matter   string // code list complaint_matter
	By       string // code list complaint_by
	How      string // code list received_how
	Language string
	Safe     string // code list complaint_safe

	State         string
	Received      time.Time
	AcknowledgeBy time.Time
	AnswerBy      time.Time
	Acknowledged  time.Time // zero: not yet, as of all below
	Answered      time.Time
	Outcome       string     // code list complaint_outcome
	ChangeUnit    ident.Unit // who has to change something
	ChangeBy      time.Time
	Told          time.Time // when whoever complains heard the answer
	ToldHow       string    // code list received_how
	Reopened      bool      // it was looked at once more

	version int64
	mac     []byte
}

// Receipt returns the number by which whoever complains can ask for it.
func (q *Complaint) Receipt() string { return q.ID.Short() }

// Late reports whether the next day that matters is over.
func (q *Complaint) Late(now time.Time) bool { return !q.Due().IsZero() && now.After(q.Due()) }

// Due returns the next day that matters: until when it is acknowledged, then answered;
// zero once it was.
func (q *Complaint) Due() time.Time {
	switch q.State {
	case Received:
		return q.AcknowledgeBy
	case Answered:
		return time.Time{}
	}
	return q.AnswerBy
}

func (q *Complaint) columns() []any {
	return []any{
		q.ID, q.version, q.Received.UnixMicro(), q.AcknowledgeBy.UnixMicro(), q.AnswerBy.UnixMicro(), micros(q.Acknowledged),
		micros(q.Answered), micros(q.Told), micros(q.ChangeBy), q.Reopened, q.FiledBy, q.Handler, q.Staff, q.Agency, q.ChangeUnit,
		q.About, q.Matter, q.By, q.How, q.Language, q.Safe, q.State, q.Outcome, q.ToldHow,
	}
}

// micros stores a time, 0 for none.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// fromMicros is the reverse of micros.
func fromMicros(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return clock.FromMicros(at)
}

func (q *Complaint) scan(scan func(...any) error) error {
	var at [7]int64
	err := scan(
		&q.ID, &q.version, &at[0], &at[1], &at[2], &at[3], &at[4], &at[5], &at[6], &q.Reopened, &q.FiledBy, &q.Handler, &q.Staff, &q.Agency,
		&q.ChangeUnit, &q.About, &q.Matter, &q.By, &q.How, &q.Language, &q.Safe, &q.State, &q.Outcome, &q.ToldHow, &q.mac,
	)
	for i, t := range []*time.Time{&q.Received, &q.AcknowledgeBy, &q.AnswerBy, &q.Acknowledged, &q.Answered, &q.Told, &q.ChangeBy} {
		*t = fromMicros(at[i])
	}
	return err
}

// complaints reads rows of a query over [complaintColumns].
func (r *Room) complaints(ctx context.Context, p *access.Pass, query string, args ...any) ([]*Complaint, error) {
	rows, err := p.Tx().Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read complaints: %w", err)
	}
	defer rows.Close()
	var out []*Complaint
	for rows.Next() {
		q := new(Complaint)
		if err := q.scan(rows.Scan); err != nil {
			return nil, fmt.Errorf("read complaints: %w", err)
		}
		if err := r.key.Check(q.mac, tableComplaint, q.columns()...); err != nil {
			return nil, err
		}
		out = append(out, q)
	}
	return out, rows.Err()
}

// complaint reads one; what does not exist is NotFound.
func (r *Room) complaint(ctx context.Context, p *access.Pass, id ident.Complaint) (*Complaint, error) {
	all, err := r.complaints(ctx, p, sqlSelectComplaint, id)
	if err == nil && len(all) != 1 {
		err = fault.New(fault.NotFound, "no-such-page")
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// keep stores the next version of a complaint.
func (r *Room) keep(ctx context.Context, p *access.Pass, q *Complaint) error {
	before := q.version
	q.version++
	q.mac = r.key.Digest(tableComplaint, q.columns()...)
	args := append(q.columns(), q.mac)
	if before == 0 {
		if err := p.Tx().Put(ctx, sqlInsertComplaint, args...); err != nil {
			return fmt.Errorf("write complaint: %w", err)
		}
	} else {
		n, err := p.Tx().Exec(ctx, sqlUpdateComplaint, append(args, before)...)
		if err == nil && n != 1 {
			err = fault.New(fault.Conflict, "changed-meanwhile")
		}
		if err != nil {
			return fmt.Errorf("write complaint: %w", err)
		}
	}
	p.Wrote(tableComplaint, q.ID[:], q.version, q.mac)
	return nil
}

// Target says whom or what a complaint is about.
type Target struct {
	About  string
	Staff  ident.Staff
	Agency ident.Agency
}

func (r *Room) checkTarget(ctx context.Context, c *fault.Check, t *Target) error {
	all, err := r.staffing.Colleagues(ctx)
	if err != nil {
		return err
	}
	var staff, agency bool
	for _, one := range all {
		staff = staff || one.Staff == t.Staff && !t.Staff.IsZero()
		agency = agency || one.Agency == t.Agency && !t.Agency.IsZero()
	}
	switch t.About {
	case AboutColleague:
		c.Require(staff, "complaint_staff", "required")
		t.Agency = ident.Agency{}
	case AboutAgency:
		c.Require(agency, "complaint_agency", "required")
		t.Staff = ident.Staff{}
	case AboutSystem:
		t.Staff, t.Agency = ident.Staff{}, ident.Agency{}
	default:
		c.Reject("complaint_about", "required")
	}
	return nil
}

// Filing is a complaint as it is filed.
type Filing struct {
	Target
	Matter, By, How, Language, Safe string
	Number                          string // of the case it is about, "" for none
	Words                           sealed.Text
}

// File receives a complaint: the clocks of its acknowledgement and of its answer begin,
// and whoever looks into it is told. A number that no case has is taken like any other:
// nobody learns by it which cases there are.
func (r *Room) File(ctx context.Context, c *access.Caller, cmd ident.Command, f Filing) (ident.Complaint, error) {
	var chk fault.Check
	if err := r.checkTarget(ctx, &chk, &f.Target); err != nil {
		return ident.Complaint{}, err
	}
	chk.Require(r.codes.Valid(pack.ComplaintMatters, f.Matter), "complaint_matter", "required")
	chk.Require(r.codes.Valid(pack.ComplaintBy, f.By), "complaint_by", "required")
	chk.Require(r.codes.Valid(pack.ReceivedHow, f.How), "received_how", "required")
	chk.Require(r.codes.Valid(pack.Languages, f.Language), "complaint_language", "required")
	chk.Require(r.codes.Valid(pack.ComplaintSafe, f.Safe), "complaint_safe", "required")
	required(&chk, "complaint_words", f.Words)
	var number ident.CaseNumber
	if f.Number != "" {
		n, err := ident.ParseCaseNumber(f.Number)
		for _, field := range fault.FieldsOf(err) {
			chk.Reject(field.Name, field.Code)
		}
		number = n
	}
	if err := chk.Err(); err != nil {
		return ident.Complaint{}, err
	}
	q := &Complaint{
		ID: ident.New[ident.Complaint](), About: f.About, Staff: f.Staff, Agency: f.Agency, Matter: f.Matter, By: f.By, How: f.How,
		Language: f.Language, Safe: f.Safe, State: Received,
	}
	hands, _, _, err := r.hands(ctx, q)
	if err != nil {
		return q.ID, err
	}
	done, err := r.gate.Do(ctx, c, access.Act{Action: "complaint.file", Purpose: Purpose, Command: cmd}, func(p *access.Pass) (string, error) {
		q.version, q.FiledBy, q.Received = 0, p.Caller().Staff(), p.Now()
		r.wind(q, p.Now())
		if err := r.keep(ctx, p, q); err != nil {
			return "", err
		}
		var about ident.Case
		if number != "" {
			if about, err = r.cases.CaseNumbered(ctx, p, number); err != nil {
				return "", err
			}
		}
		p.Tell(filed(q), hands)
		return q.ID.String(), r.write(ctx, p, [16]byte(q.ID), about, WordsFiled, content{Text: f.Words, Number: number.String()})
	})
	if err != nil {
		return ident.Complaint{}, err
	}
	return ident.Parse[ident.Complaint](done)
}

// filed is what whoever looks into a complaint is told of it.
func filed(q *Complaint) string {
	if q.Safe == "in_danger" {
		return tellDanger
	}
	return tellFiled
}

// wind starts the clocks of a complaint.
func (r *Room) wind(q *Complaint, now time.Time) {
	q.AcknowledgeBy = r.codes.Clock(pack.ComplaintAcknowledge).After(now)
	q.AnswerBy = r.codes.Clock(pack.ComplaintAnswer).After(now)
}

// Page is one complaint with what was written about it.
type Page struct {
	Complaint
	Hands
	Number string // of the case it is about, "" for none
	Words  []Words
	Erased bool // what was written is gone: with the case, or because its time was over
	Reopen bool // the reader may have it looked at once more
	Entry  ident.Entry
}

func (r *Room) page(ctx context.Context, p *access.Pass, q *Complaint) (*Page, error) {
	page := &Page{Complaint: *q, Entry: p.Entry()}
	var err error
	if page.Words, _, page.Number, err = r.said(ctx, p, [16]byte(q.ID)); err != nil {
		return nil, err
	}
	page.Erased = !slices.ContainsFunc(page.Words, func(w Words) bool { return w.Kind == WordsFiled })
	page.Hands, err = r.handsOf(ctx, q)
	return page, err
}

// Mine returns what the caller filed, the newest first.
func (r *Room) Mine(ctx context.Context, c *access.Caller) (out []*Complaint, err error) {
	err = r.gate.View(ctx, c, access.Act{Action: "complaint.mine", Purpose: Purpose}, func(p *access.Pass) (err error) {
		out, err = r.complaints(ctx, p, sqlSelectMine, c.Staff(), listMost)
		return err
	})
	return out, err
}

// MyComplaint returns one that the caller filed, without what only those who look into
// it write for themselves.
func (r *Room) MyComplaint(ctx context.Context, c *access.Caller, id ident.Complaint) (out *Page, err error) {
	act, err := r.own(ctx, c, id, "complaint.mine")
	if err != nil {
		return nil, err
	}
	err = r.gate.View(ctx, c, act, func(p *access.Pass) error {
		q, err := r.complaint(ctx, p, id)
		if err != nil {
			return err
		}
		if out, err = r.page(ctx, p, q); err != nil {
			return err
		}
		out.Words = slices.DeleteFunc(out.Words, func(w Words) bool { return w.Kind == WordsNote })
		out.Reopen = q.State == Answered && !q.Reopened && !out.Erased
		return nil
	})
	return out, err
}

// own asks for an act that only whoever filed a complaint may do with it.
func (r *Room) own(ctx context.Context, c *access.Caller, id ident.Complaint, action string) (access.Act, error) {
	act := access.Act{Action: action, Purpose: Purpose, About: ident.Command(id), Barred: "no-such-complaint"}
	err := r.gate.Own(ctx, c, func(p *access.Pass) error {
		q, err := r.complaint(ctx, p, id)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err == nil && q.FiledBy == c.Staff() {
			act.Barred = ""
		}
		return err
	})
	return act, err
}

// Reopen has a complaint looked at once more: whoever filed it may, once.
func (r *Room) Reopen(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Complaint, why sealed.Text) error {
	var chk fault.Check
	required(&chk, "reason", why)
	if err := chk.Err(); err != nil {
		return err
	}
	act, err := r.own(ctx, c, id, "complaint.reopen")
	if err != nil {
		return err
	}
	act.Command = cmd
	_, err = r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		q, err := r.complaint(ctx, p, id)
		switch {
		case err != nil:
			return "", err
		case q.State != Answered || q.Reopened:
			return "", fault.New(fault.Conflict, "complaint-not-answered")
		}
		q.State, q.Reopened, q.Outcome, q.ToldHow, q.ChangeUnit = Received, true, "", "", ident.Unit{}
		q.Acknowledged, q.Answered, q.Told, q.ChangeBy = time.Time{}, time.Time{}, time.Time{}, time.Time{}
		r.wind(q, p.Now())
		hands, _, _, err := r.hands(ctx, q)
		if err != nil {
			return "", err
		}
		p.Tell(filed(q), hands)
		return "", r.move(ctx, p, q, WordsReopened, content{Text: why})
	})
	return err
}

// move stores a complaint with what was written about its change.
func (r *Room) move(ctx context.Context, p *access.Pass, q *Complaint, kind string, in content) error {
	if err := r.keep(ctx, p, q); err != nil || in.Text.IsZero() {
		return err
	}
	about, err := caseOf(ctx, p, [16]byte(q.ID))
	if err != nil {
		return err
	}
	return r.write(ctx, p, [16]byte(q.ID), about, kind, in)
}
