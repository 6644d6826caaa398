package match_test

import (
	"context"
	"crypto/rand"
	"slices"
	"sync"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/match"
	"causeway/internal/match/ask"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/mask"
)

var ctx = context.Background()

func command() ident.Command { return ident.New[ident.Command]() }

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, what string, err error, code string) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Errorf("%s: got %v, want %s", what, err, code)
	}
}

// side is one of two nodes that are joined by a post in memory.
type side struct {
	*accesstest.Office
	t     testing.TB
	node  identity.NodeID
	room  *match.Room
	other *side

	ready, posted []cx.Message // sent by a command that is not over yet; on the way
	opened        []cx.Opened  // what became of what came
	unsaid        []cx.Thread
	full          bool // nothing more can be sent

	mu   sync.Mutex // guards told and due
	told []string   // into the files of children
	due  []time.Duration

	children map[ident.Case]ask.Child
	unmet    map[ident.Case][]string
	stopAt   int // how often the gate is asked before stop is called; negative: never
	stop     func()

	head, focal, operator, auditor *access.Caller
}

// pair builds two nodes: xa, which asks, and xb.
func pair(t testing.TB, here, there *accesstest.Office) (a, b *side) {
	t.Helper()
	a, b = newSide(t, here, "xa.care"), newSide(t, there, "xb.care")
	a.other, b.other = b, a
	return a, b
}

func newSide(t testing.TB, o *accesstest.Office, node identity.NodeID) *side {
	s := &side{
		Office: o, t: t, node: node, children: map[ident.Case]ask.Child{}, unmet: map[ident.Case][]string{},
		head: o.Person("supervisor", o.Head), focal: o.Person("focal_point", o.Head), operator: o.Person("node_operator", o.Head),
		auditor: o.Person("auditor", o.Head),
	}
	s.starts()
	return s
}

// starts builds the room as a start of the node does.
func (s *side) starts() {
	s.room = match.New(match.Config{
		DB: s.DB, Gate: s.Gate, Clock: s.Clock, Zone: time.UTC, Key: s.Ring.Derive("match/row"), Codes: s, Leave: s, Cases: s, Secrets: s, Post: s, Partners: s,
	})
}

// Send implements match.Post.
func (s *side) Send(_ context.Context, _ *store.Tx, d *cx.Draft) (cx.ID, error) {
	if err := d.Check(); err != nil {
		return cx.ID{}, err
	}
	if s.full {
		return cx.ID{}, fault.New(fault.Unavailable, "exchange-full")
	}
	id := cx.NewID(s.Clock.Now())
	s.ready = append(s.ready, cx.Message{
		From: s.node, ID: id, Thread: d.Thread, Stream: d.Stream, Type: d.Type, Labels: d.Labels, Schema: d.Schema, Payload: slices.Clone(d.Payload), Officer: d.Officer,
	})
	return id, nil
}

// Unsay implements match.Post.
func (s *side) Unsay(_ context.Context, _ *store.Tx, _ identity.NodeID, thread cx.Thread) error {
	s.unsaid = append(s.unsaid, thread)
	return nil
}

// Secret implements match.Secrets, over the keyring of the office.
func (s *side) Secret(_ match.Purpose, of match.AgreementID, epoch uint32) (*mask.Secret, error) {
	b, err := s.Ring.MatchSecret(keys.MatchChildren, of, epoch, func() ([]byte, error) {
		fresh, err := mask.NewSecret(rand.Reader)
		if err != nil {
			return nil, err
		}
		return fresh.Bytes(), nil
	})
	if err != nil {
		return nil, err
	}
	return mask.ParseSecret(b)
}

// Destroy implements match.Secrets.
func (s *side) Destroy(_ match.Purpose, of match.AgreementID, upTo uint32) error {
	return s.Ring.DestroyMatchSecrets(keys.MatchChildren, of, upTo)
}

// Unmet implements match.Leave.
func (s *side) Unmet(_ context.Context, p *access.Pass, _ match.Purpose, _ identity.NodeID) ([]string, error) {
	if s.stopAt--; s.stopAt < 0 && s.stop != nil {
		s.stop()
	}
	return s.unmet[p.Case()], nil
}

// Candidates implements match.Leave.
func (s *side) Candidates(_ context.Context, _ *access.Pass, _ match.Purpose, _ identity.NodeID, after ident.Case, most int) (out []ident.Case, err error) {
	for c := range s.children {
		if slices.Compare(c[:], after[:]) > 0 {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b ident.Case) int { return slices.Compare(a[:], b[:]) })
	return out[:min(most, len(out))], nil
}

// Codes implements match.Codes.
func (s *side) Codes(_ context.Context, _ *access.Pass, of ident.Case) (ask.Child, error) {
	return s.children[of], nil
}

// Own implements match.Partners.
func (s *side) Own() identity.NodeID { return s.node }

// Partners implements match.Partners.
func (s *side) Partners(context.Context) ([]match.Partner, error) {
	return []match.Partner{{Node: s.other.node, Name: "Office of the other", Country: "XB"}}, nil
}

// Officer implements match.Partners.
func (s *side) Officer(ident.Staff) string { return "0123456789abcdef" }

// did lets go what a command sent that succeeded, and forgets what one did that failed.
func (s *side) did(err error) error {
	if err == nil {
		s.posted = append(s.posted, s.ready...)
	}
	s.ready = nil
	return err
}

// takes gives a message to the room, as the post office does.
func (s *side) takes(m *cx.Message) cx.Code {
	s.t.Helper()
	var out cx.Opened
	settled := 0
	err := s.room.Handle(ctx, m, func(_ context.Context, tx *store.Tx, o cx.Opened) error {
		out = o
		tx.OnCommit(func() { settled++ })
		return nil
	})
	ok(s.t, s.did(err))
	if settled != 1 {
		s.t.Fatalf("a message was settled %d times", settled)
	}
	s.opened = append(s.opened, out)
	return out.Refused
}

// carry brings what is on the way, both ways, until nothing is.
func (s *side) carry() {
	s.t.Helper()
	for len(s.posted)+len(s.other.posted) > 0 {
		for _, from := range []*side{s, s.other} {
			all := from.posted
			from.posted = nil
			for i := range all {
				from.other.takes(&all[i])
			}
		}
	}
}

// stopAfter has something stopped once the gate was asked so often.
func (s *side) stopAfter(n int, stop func()) { s.stopAt, s.stop = n, stop }

// renew signs the officers in anew: an earlier check is too long ago.
func (s *side) renew() {
	for _, c := range []**access.Caller{&s.head, &s.focal} {
		*c = s.As(access.Signed{Staff: (*c).Staff(), Role: (*c).Role(), Unit: s.Head})
	}
}

// tends runs the job, which sends message after message.
func (s *side) tends() {
	s.t.Helper()
	ok(s.t, s.did(s.room.Tend(ctx)))
}

// the returns an agreement as a side has it.
func (s *side) the(id match.AgreementID) *match.Agreement {
	s.t.Helper()
	seen, err := s.room.Look(ctx, s.focal)
	ok(s.t, err)
	for _, a := range seen.Agreements {
		if a.ID == id {
			return a
		}
	}
	s.t.Fatal("no such agreement")
	return nil
}

// child adds a child, of whom everything permits that it is found.
func (s *side) child(c ask.Child) ident.Case {
	s.t.Helper()
	id := ident.New[ident.Case]()
	_, err := s.Gate.Do(ctx, s.Gate.Job("seed"), access.Act{Action: "case.register", Purpose: "maintenance", Case: id, NewCase: true}, func(p *access.Pass) (string, error) {
		_, err := p.NewSubject(ctx, "case")
		return "", err
	})
	ok(s.t, err)
	s.children[id] = c
	return id
}

// agrees makes an agreement in which a asks b, with two officers on each side.
func agrees(t testing.TB, a, b *side, change ...func(*match.Proposal)) match.AgreementID {
	t.Helper()
	f := match.Usual()
	f.Peer, f.Basis = b.node, "Treaty of the River, article 4"
	for _, c := range change {
		c(&f)
	}
	id, err := a.room.Prepare(ctx, a.head, command(), f)
	ok(t, a.did(err))
	ok(t, a.did(a.room.Agree(ctx, a.focal, command(), id, a.the(id).Version)))
	a.carry()
	ok(t, b.did(b.room.Agree(ctx, b.head, command(), id, b.the(id).Version)))
	ok(t, b.did(b.room.Agree(ctx, b.focal, command(), id, b.the(id).Version)))
	b.carry()
	return id
}

// tables are the parts of tables that are on the way, and no other letter.
func (s *side) tables() []cx.Message {
	return slices.DeleteFunc(slices.Clone(s.posted), func(m cx.Message) bool { return m.Type != cx.MatchTable })
}
