package access

import (
	"context"
	"slices"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// Pass is the permission to do one thing to one subject in one transaction. It
// is made by the gate, dies with the transaction and cannot be widened. The zero
// Pass refuses everything.
type Pass struct {
	gate   *Gate
	tx     *store.Tx
	caller *Caller
	act    Act

	entry ident.Entry // views and lists: the entry that was committed before
	reach *reachOf    // views: what the decision rested on

	rows        []journal.RowState
	commitments [][]byte
	newSubject  bool
	payload     []byte
	openers     map[ident.Subject]*keys.Opener
	visible     map[ident.Case]bool // what a list has been allowed to show
	sealer      *keys.Sealer

	relation string // commands: of the caller to the case, as the command found it
	told     []Told // who is told of it
	refused  string // why the room's function made it a denial

	left    []func(context.Context, *store.Tx) error // by the first step of a list
	onEntry []func(journal.Entered) error
	closed  bool // the entry is made: nothing more can stand in it

	writes bool  // a command; looks and lists cannot seal or grant
	rights *desk // of the case, once the command has touched them
}

// errNoPass is the answer of a pass that was not made by the gate or is over.
var errNoPass = fault.New(fault.Denied, "no-pass")

// Tx returns the transaction, the only way to a record table. It panics on a
// pass that the gate did not make or that is over: such code must not run.
func (p *Pass) Tx() *store.Tx {
	if p == nil || p.tx == nil {
		panic("access: a pass was used outside its gate")
	}
	return p.tx
}

// end makes the pass and its sealer refuse from now on.
func (p *Pass) end() {
	if p.sealer != nil {
		p.sealer.Close()
	}
	p.tx, p.openers, p.sealer, p.rights, p.reach = nil, nil, nil, nil, nil
}

// Now returns the transaction's time, fixed when it began.
func (p *Pass) Now() time.Time { return p.Tx().Now() }

// Caller returns who acts.
func (p *Pass) Caller() *Caller { return p.caller }

// Entry returns the journal entry under which a view or list reads; its short
// code is printed on paper.
func (p *Pass) Entry() ident.Entry { return p.entry }

// Case returns the case the pass is bound to.
func (p *Pass) Case() ident.Case { return p.act.Case }

// Sealer returns the handle that can seal, and only seal, for the pass's case.
func (p *Pass) Sealer(ctx context.Context) (*keys.Sealer, error) {
	if p == nil || p.tx == nil || p.act.Case.IsZero() || !p.writes {
		return nil, errNoPass
	}
	if p.sealer == nil {
		s, err := p.gate.custody.Sealer(ctx, p.tx, ident.SubjectOf(p.act.Case))
		if err != nil {
			return nil, err
		}
		p.sealer = s
	}
	return p.sealer, nil
}

// NewSubject makes the subject key of the pass's case, which must be a case that
// this command registers, and returns its sealer.
func (p *Pass) NewSubject(ctx context.Context, kind string) (*keys.Sealer, error) {
	if p == nil || p.tx == nil || !p.act.NewCase || !p.writes {
		return nil, errNoPass
	}
	s, err := p.gate.custody.Create(ctx, p.tx, ident.SubjectOf(p.act.Case), kind)
	if err != nil {
		return nil, err
	}
	p.sealer, p.newSubject = s, true
	p.commitments = append(p.commitments, s.Commitment())
	return s, nil
}

// Opener returns the handle that opens what is sealed for a case. It exists only
// in a view or list, after the journal entry that names the case was committed.
func (p *Pass) Opener(c ident.Case) (*keys.Opener, error) {
	if p == nil || p.openers == nil {
		return nil, errNoPass
	}
	o := p.openers[ident.SubjectOf(c)]
	if o == nil {
		return nil, errNoPass
	}
	return o, nil
}

// Wrote tells the journal which record row this command wrote, with the digest
// of its columns; an empty mac says the row was deleted.
func (p *Pass) Wrote(table string, row []byte, version int64, mac []byte) {
	if p.closed {
		panic("access: a row was written after its entry was made")
	}
	p.rows = append(p.rows, journal.RowState{Table: table, Row: row, Version: version, MAC: mac})
}

// OnEntry has fn run when the command's entry is made, in the command's transaction: for
// what names the entry's leaf, such as a receipt. fn may write; what it writes is vouched
// for only as far as the command had told [Pass.Wrote] before.
func (p *Pass) OnEntry(fn func(journal.Entered) error) { p.onEntry = append(p.onEntry, fn) }

// entered runs what waits for the entry.
func (p *Pass) entered(w journal.Entered) error {
	p.closed = true
	for _, fn := range p.onEntry {
		if err := fn(w); err != nil {
			return err
		}
	}
	return nil
}

// Payload keeps sealed bytes with the entry: the state after a decision.
func (p *Pass) Payload(sealed []byte) { p.payload = sealed }

// May reports which of some actions the caller could do with the pass's case, for
// the buttons of its page. The act itself asks again.
func (p *Pass) May(ctx context.Context, actions ...string) (map[string]bool, error) {
	if p.tx == nil && p.openers == nil {
		return nil, errNoPass
	}
	r := p.reach
	if r == nil {
		found, err := readReach(ctx, p.Tx(), p.caller, p.act.Case, p.Now().UnixMicro())
		if err != nil {
			return nil, err
		}
		r = &found
	}
	out := make(map[string]bool, len(actions))
	for _, action := range actions {
		_, reason := p.gate.decide(p.caller, Act{Action: action, Purpose: p.act.Purpose, Case: p.act.Case, button: true}, *r, p.gate.clk.Now())
		out[action] = reason == "" || missingCheck(reason)
	}
	return out, nil
}

// PermitsNow returns the purposes of what permits a use of the case now, as the decision
// about a look read them: for its reader to see, not to rest a disclosure on.
func (p *Pass) PermitsNow() []string {
	if p == nil || p.reach == nil {
		return nil
	}
	return slices.Clone(p.reach.permits)
}

// ReachTo returns the condition under which a list's SELECT may show the case of
// its row c, as SQL text over access_reach with the caller's holders in
// [HolderSlots] placeholders from first on and the time in the next one.
func ReachTo(first int) string { return reachTo(first) }

// NotWithheld returns the condition of a list's SELECT for callers of whom
// [Pass.Everywhere] holds, with [Caller.People] in the placeholders of [ReachTo]:
// only what is withheld from them is not theirs to count. It reads a few rows once,
// where ReachTo reads some for each case.
func NotWithheld(first int) string { return notWithheld(first) }

// Everywhere reports whether the caller of a list pass looks after the unit that
// all others are below: every case reaches up to it. The rows of a page are
// decided one by one all the same ([Pass.Visible]).
func (p *Pass) Everywhere(ctx context.Context) (bool, error) {
	top, alone, err := p.gate.units.Top(ctx)
	return alone && p.looksAfter(top), err
}

// AtHead refuses whoever does not look after the unit at the top of the node's own
// agency: what is changed there is changed for everybody.
func (p *Pass) AtHead(ctx context.Context) error {
	top, _, err := p.gate.units.Top(ctx)
	if err == nil && !p.looksAfter(top) {
		err = fault.New(fault.Denied, "no-access")
	}
	return err
}

func (p *Pass) looksAfter(unit ident.Unit) bool {
	for i, h := range p.caller.hold {
		if p.caller.as[i] == asUnit && h == holder(unit) {
			return !unit.IsZero()
		}
	}
	return false
}

// SealNode seals a small value that belongs to the node and not to a child's
// key, such as the label of a view.
func (p *Pass) SealNode(label string, row []byte, version int64, v any) ([]byte, error) {
	if p == nil || p.tx == nil {
		return nil, errNoPass
	}
	return p.gate.custody.SealNode(label, row, version, v)
}

// OpenNode opens what [Pass.SealNode] sealed.
func (p *Pass) OpenNode(label string, row []byte, version int64, blob []byte, v any) error {
	if p == nil || p.tx == nil {
		return errNoPass
	}
	return p.gate.custody.OpenNode(label, row, version, blob, v)
}

// Visible says of each case of a list whether the caller may see it there. Only
// cases it has allowed can be opened in the list's second step.
func (p *Pass) Visible(ctx context.Context, ids []ident.Case) ([]bool, error) {
	if p == nil || p.tx == nil || p.visible == nil {
		return nil, errNoPass
	}
	if len(ids) == 0 {
		return nil, nil
	}
	reach, err := readReachMany(ctx, p.tx, p.caller, ids, p.Now().UnixMicro())
	if err != nil {
		return nil, err
	}
	out := make([]bool, len(ids))
	for i, id := range ids {
		a := p.act
		a.Case = id
		_, reason := p.gate.decide(p.caller, a, *reach[id], p.Now())
		out[i] = reason == ""
		p.visible[id] = out[i]
	}
	return out, nil
}

// Sees says of other cases whether the caller may open them. It opens none of them.
func (p *Pass) Sees(ctx context.Context, ids []ident.Case) (map[ident.Case]bool, error) {
	if p == nil || p.tx == nil {
		return nil, errNoPass
	}
	reach, err := readReachMany(ctx, p.tx, p.caller, ids, p.Now().UnixMicro())
	if err != nil {
		return nil, err
	}
	out := make(map[ident.Case]bool, len(ids))
	for _, id := range ids {
		_, reason := p.gate.decide(p.caller, Act{Action: "case.open", Purpose: p.act.Purpose, Case: id}, *reach[id], p.Now())
		out[id] = reason == ""
	}
	return out, nil
}

// Leave has the first step of a list leave something behind: it is written in the
// transaction that commits the list's entry.
func (p *Pass) Leave(write func(context.Context, *store.Tx) error) { p.left = append(p.left, write) }

// ChainLength returns how many writing entries the journal has about a case. A
// case row whose version differs was put back or edited behind the program.
func (p *Pass) ChainLength(ctx context.Context, c ident.Case) (int64, error) {
	return p.gate.journal.ChainLength(ctx, p.Tx(), ident.SubjectOf(c))
}

// Looked returns who looked at the pass's case, newest first, and from where the
// next page goes on: see [journal.Journal.Looked].
func (p *Pass) Looked(ctx context.Context, before int64, limit int) ([]journal.Line, int64, error) {
	return p.gate.journal.Looked(ctx, p.Tx(), ident.SubjectOf(p.act.Case), before, limit)
}

// EntryOf returns one entry of the journal for an inquiry; what does not exist is NotFound.
func (p *Pass) EntryOf(ctx context.Context, id ident.Entry) (journal.Line, error) {
	if p.act.Action != "inquiry.read" && p.act.Action != "inquiry.work" {
		return journal.Line{}, errNoPass
	}
	l, err := p.gate.journal.Find(ctx, p.Tx(), id)
	if fault.Is(err, fault.NotFound) {
		err = fault.New(fault.NotFound, "no-such-page")
	}
	return l, err
}

// Entries returns journal lines for the auditor's page.
func (p *Pass) Entries(ctx context.Context, f journal.Filter, before int64, limit int) ([]journal.Line, int64, error) {
	if p.act.Action != "journal.view" {
		return nil, 0, errNoPass
	}
	return p.gate.journal.Entries(ctx, p.Tx(), f, before, limit)
}
