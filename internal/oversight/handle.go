package oversight

import (
	"context"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

// listMost is how many complaints a list names.
const listMost = 200

// Complaints returns those that the caller looks into: open ones first, the most urgent
// at the top, then the newest that were answered.
func (r *Room) Complaints(ctx context.Context, c *access.Caller) (out []*Complaint, err error) {
	err = r.gate.View(ctx, c, access.Act{Action: "complaint.list", Purpose: Purpose}, func(p *access.Pass) error {
		out = nil
		for _, query := range []string{sqlSelectOpen, sqlSelectAnswered} {
			all, err := r.complaints(ctx, p, query, listMost)
			if err != nil {
				return err
			}
			for _, q := range all {
				mine, err := r.handles(ctx, c, q)
				if err != nil {
					return err
				}
				if mine {
					out = append(out, q)
				}
			}
		}
		return nil
	})
	return out, err
}

// aim asks for an act with a complaint that only those may do who look into it: the
// floor compares the caller with the one it is about and those above them.
func (r *Room) aim(ctx context.Context, c *access.Caller, id ident.Complaint, action string) (access.Act, error) {
	act := access.Act{Action: action, Purpose: Purpose, About: ident.Command(id), Barred: "no-such-complaint"}
	err := r.gate.Own(ctx, c, func(p *access.Pass) error {
		q, err := r.complaint(ctx, p, id)
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		hands, apart, _, err := r.hands(ctx, q)
		act.Apart, act.Barred = apart, ""
		if err == nil && !c.Among(append(hands, apart...)...) {
			act.Barred = "not-the-handler"
		}
		return err
	})
	return act, err
}

// Complaint returns one to whoever looks into it. It shows nothing of the child's record.
func (r *Room) Complaint(ctx context.Context, c *access.Caller, id ident.Complaint) (out *Page, err error) {
	act, err := r.aim(ctx, c, id, "complaint.open")
	if err != nil {
		return nil, err
	}
	err = r.gate.View(ctx, c, act, func(p *access.Pass) error {
		q, err := r.complaint(ctx, p, id)
		if err == nil {
			out, err = r.page(ctx, p, q)
		}
		return err
	})
	return out, err
}

// handle changes a complaint that the caller looks into. change returns what is written
// about it, and of which kind.
func (r *Room) handle(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Complaint, action string,
	change func(*access.Pass, *Complaint) (kind string, in content, err error),
) error {
	act, err := r.aim(ctx, c, id, action)
	if err != nil {
		return err
	}
	act.Command = cmd
	_, err = r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		q, err := r.complaint(ctx, p, id)
		if err != nil {
			return "", err
		}
		mine, err := r.handles(ctx, c, q) // it may be about somebody else since
		if err != nil {
			return "", err
		}
		if !mine {
			return "", fault.New(fault.NotFound, "no-such-page")
		}
		kind, in, err := change(p, q)
		if err != nil {
			return "", err
		}
		return "", r.move(ctx, p, q, kind, in)
	})
	return err
}

func notNow() error { return fault.New(fault.Conflict, "changed-meanwhile") }

// Acknowledge says that a complaint has come. Where it named nobody and it is known now
// whom it is about, t says so: from then on they and those above them have no part in it.
// Whoever was named when it was filed stays named, so that it never comes before them.
func (r *Room) Acknowledge(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Complaint, t Target, words sealed.Text) error {
	var chk fault.Check
	if t.About != "" {
		if err := r.checkTarget(ctx, &chk, &t); err != nil {
			return err
		}
	}
	required(&chk, "complaint_received", words)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.handle(ctx, c, cmd, id, "complaint.handle", func(p *access.Pass, q *Complaint) (string, content, error) {
		if q.State != Received {
			return "", content{}, notNow()
		}
		q.State, q.Acknowledged, q.Handler = Acknowledged, p.Now(), p.Caller().Staff()
		if t.About != "" && q.About != AboutColleague {
			q.About, q.Staff, q.Agency = t.About, t.Staff, t.Agency
		}
		p.Tell(tellAnswered, []ident.Staff{q.FiledBy})
		return WordsReceived, content{Text: words}, nil
	})
}

// Note writes down what was found out: from then on the complaint is looked into. Only
// those who look into it read notes.
func (r *Room) Note(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Complaint, words sealed.Text) error {
	var chk fault.Check
	required(&chk, "complaint_note", words)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.handle(ctx, c, cmd, id, "complaint.handle", func(_ *access.Pass, q *Complaint) (string, content, error) {
		if q.State != Acknowledged && q.State != LookedInto {
			return "", content{}, notNow()
		}
		q.State = LookedInto
		return WordsNote, content{Text: words}, nil
	})
}

// Answer is what a complaint came to.
type Answer struct {
	Outcome string      // code list complaint_outcome
	Words   sealed.Text // for whoever complains
	Change  sealed.Text // what is to change; none: nothing is
	Unit    ident.Unit  // by whom
	By      time.Time   // by when
	ToldHow string      // how whoever complains heard it (code list received_how), "" for not yet
}

func (a *Answer) check(codes Codes) error {
	var c fault.Check
	c.Require(codes.Valid(pack.ComplaintOutcomes, a.Outcome), "complaint_outcome", "required")
	required(&c, "complaint_answer", a.Words)
	optional(&c, "complaint_change", a.Change)
	if !a.Change.IsZero() {
		c.Require(!a.Unit.IsZero(), "change_unit", "required")
		c.Require(!a.By.IsZero(), "change_by", "required")
	} else {
		a.Unit, a.By = ident.Unit{}, time.Time{}
	}
	c.Require(a.ToldHow == "" || codes.Valid(pack.ReceivedHow, a.ToldHow), "told_how", "required")
	return c.Err()
}

// Answer answers a complaint that was acknowledged: what it came to, what is to change,
// by whom and by when.
func (r *Room) Answer(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Complaint, a Answer) error {
	if err := a.check(r.codes); err != nil {
		return err
	}
	return r.handle(ctx, c, cmd, id, "complaint.answer", func(p *access.Pass, q *Complaint) (string, content, error) {
		if q.State != Acknowledged && q.State != LookedInto {
			return "", content{}, notNow()
		}
		if !a.By.IsZero() && !a.By.After(p.Now()) {
			return "", content{}, fault.InvalidField("change_by", "in-the-past")
		}
		q.State, q.Outcome, q.Answered, q.Handler = Answered, a.Outcome, p.Now(), p.Caller().Staff()
		q.ChangeUnit, q.ChangeBy = a.Unit, a.By
		if q.ToldHow = a.ToldHow; a.ToldHow != "" {
			q.Told = p.Now()
		}
		p.Tell(tellAnswered, []ident.Staff{q.FiledBy})
		if !a.Change.IsZero() {
			about, err := caseOf(ctx, p, [16]byte(id))
			if err == nil {
				err = r.write(ctx, p, [16]byte(id), about, WordsChange, content{Text: a.Change})
			}
			if err != nil {
				return "", content{}, err
			}
		}
		return WordsAnswer, content{Text: a.Words, Code: a.Outcome}, nil
	})
}

// Tell writes down how whoever complains heard the answer.
func (r *Room) Tell(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Complaint, how string) error {
	if !r.codes.Valid(pack.ReceivedHow, how) {
		return fault.InvalidField("told_how", "required")
	}
	return r.handle(ctx, c, cmd, id, "complaint.handle", func(p *access.Pass, q *Complaint) (string, content, error) {
		if q.State != Answered || !q.Told.IsZero() {
			return "", content{}, notNow()
		}
		q.Told, q.ToldHow = p.Now(), how
		return "", content{}, nil
	})
}
