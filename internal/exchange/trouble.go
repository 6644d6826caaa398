package exchange

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/delivery"
	"causeway/protocol/identity"
)

// What is wrong with a message.
const (
	Unsent     = "unsent"     // ours: a day old, and the peer does not have it
	Returned   = "returned"   // ours: the peer did not take it, and it is not tried any more
	Unaccepted = "unaccepted" // ours: the peer has it, and cannot read it or does not accept it
	Unanswered = "unanswered" // ours: the peer has had it for a day and has not answered
	TooOld     = "too_old"    // ours: the day until which it was valid is over
	Unopened   = "unopened"   // theirs: nobody here acted on it for an hour
	Unreadable = "unreadable" // theirs: this node cannot open it
	Declined   = "declined"   // theirs: this node did not accept it
)

// Trouble is a message between this node and a peer of which a person should know.
type Trouble struct {
	Peer    identity.NodeID
	ID      cx.ID
	Thread  cx.Thread
	Side    delivery.Side // whose message it is
	What    string
	At      time.Time  // when it was written here, or came
	Type    cx.Type    // "" where it cannot be read
	Purpose cx.Purpose // likewise
	Code    cx.Code    // why; "": nobody said
	Unmet   []string   // labels that the other side does not honour
	Tried   int
}

// Again reports whether trying once more can help: the message is still at its place.
func (t *Trouble) Again() bool {
	return t.Side == delivery.Ours && (t.What == Unsent || t.What == Returned) && !hopeless(t.Code) && t.Code != cx.Conflict
}

// Ends reports whether nothing more happens to the message: a person has only to see it.
func (t *Trouble) Ends() bool {
	return t.What == Returned || t.What == Unaccepted || t.What == Unreadable || t.What == Declined
}

const (
	troubleMost  = 500            // of each kind
	troubleRead  = 100            // how many papers are opened to say what they are for
	troubleAfter = 24 * time.Hour // how long something of ours is simply on its way
	openedAfter  = time.Hour      // how long something of theirs may lie
)

// Troubles returns what went wrong or does not go on, with all peers, and nobody has seen
// to yet: the oldest of each kind first, at most 500 of each kind.
func (r *Room) Troubles(ctx context.Context) ([]Trouble, error) {
	if r.node == "" {
		return nil, nil
	}
	var out []Trouble
	err := r.read(ctx, func(tx *store.Tx) (err error) {
		out, err = r.troubles(ctx, tx)
		return err
	})
	return out, err
}

// troubles reads them in a transaction, without what they are for.
func (r *Room) troubles(ctx context.Context, tx *store.Tx) (out []Trouble, err error) {
	now := tx.Micros()
	before := now - troubleAfter.Microseconds()
	err = eachOf(ctx, tx, func(scan func(...any) error) error {
		t := Trouble{Side: delivery.Ours}
		var node string
		var id, thread []byte
		o, err := scanTrouble(func(rest ...any) error { return scan(append([]any{&node, &id, &thread}, rest...)...) }, now)
		if err != nil {
			return err
		}
		o.into(&t)
		t.Peer = identity.NodeID(node)
		copy(t.ID[:], id)
		copy(t.Thread[:], thread)
		out = append(out, t)
		return nil
	}, sqlTroubleOurs, before, now, int64(troubleMost))
	if err != nil {
		return nil, err
	}
	err = eachOf(ctx, tx, func(scan func(...any) error) error {
		t := Trouble{Side: delivery.Ours, What: Unaccepted}
		var node, stage, code, unmet string
		var id, thread []byte
		var at int64
		err := scan(&node, &id, &thread, &at, &stage, &code, &unmet)
		t.Peer, t.Code, t.Unmet, t.At = identity.NodeID(node), cx.Code(code), strings.Fields(unmet), fromMicros(at)
		copy(t.ID[:], id)
		copy(t.Thread[:], thread)
		out = append(out, t)
		return err
	}, sqlTroubleDenied, int64(troubleMost))
	if err != nil {
		return nil, err
	}
	return out, eachOf(ctx, tx, func(scan func(...any) error) error {
		t := Trouble{Side: delivery.Theirs}
		var node, state, code string
		var id, thread []byte
		var came int64
		err := scan(&node, &id, &thread, &came, &state, &code)
		t.Peer, t.What, t.Code, t.At = identity.NodeID(node), cameTo[state], cx.Code(code), fromMicros(came)
		copy(t.ID[:], id)
		copy(t.Thread[:], thread)
		out = append(out, t)
		return err
	}, sqlTroubleTheirs, now-openedAfter.Microseconds(), int64(troubleMost))
}

// cameTo is what is wrong with a message of a peer, by the state of its row.
var cameTo = map[string]string{"stored": Unopened, "unreadable": Unreadable, "refused": Declined}

// eachOf calls fn for each row of a query.
func eachOf(ctx context.Context, tx *store.Tx, fn func(scan func(...any) error) error, query string, args ...any) error {
	found, err := tx.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer found.Close()
	for found.Next() {
		if err := fn(found.Scan); err != nil {
			return err
		}
	}
	return found.Err()
}

// outTrouble is what the outbox says of a message of ours.
type outTrouble struct {
	kind           cx.Type
	what           string
	queued, expiry int64
	tried          int64
	code, unmet    string
}

// scanTrouble reads a row of the outbox, and says what is wrong with it: "" where nothing
// is, because it is on its way.
func scanTrouble(scan func(...any) error, now int64) (*outTrouble, error) {
	var o outTrouble
	var kind string
	var stopped, frozen bool
	var held sql.NullBool
	var stage, code, unmet sql.NullString
	if err := scan(&kind, &o.queued, &o.expiry, &o.tried, &stopped, &o.code, &held, &stage, &code, &unmet, &frozen); err != nil {
		return nil, err
	}
	o.kind = cx.Type(kind)
	switch {
	case stage.Valid:
		o.what, o.code, o.unmet = Unaccepted, code.String, unmet.String
	case stopped:
		o.what = Returned
	case held.Bool && o.queued < now-troubleAfter.Microseconds():
		o.what, o.code = Unanswered, ""
	case o.expiry < now && !held.Bool:
		o.what = TooOld
	case o.queued < now-troubleAfter.Microseconds():
		o.what = Unsent
	}
	if frozen && o.what != "" && o.what != Unaccepted {
		o.what, o.code = Returned, string(cx.Conflict) // nothing of the thread goes on
	}
	return &o, nil
}

func (o *outTrouble) into(t *Trouble) {
	t.What, t.Type, t.At, t.Tried = o.what, o.kind, fromMicros(o.queued), int(o.tried)
	t.Code, t.Unmet = cx.Code(o.code), strings.Fields(o.unmet)
}

// tellPurpose opens what is kept of a message to say what it is for: its type and the
// purpose on its label, and nothing else of it.
func (r *Room) tellPurpose(ctx context.Context, tx *store.Tx, t *Trouble) error {
	l, err := r.letter(ctx, tx, t.Peer, t.Side, t.ID)
	if err != nil {
		return err
	}
	if l != nil {
		t.Type = l.Content.Type
		if labels, err := cx.ReadLabels(l.Labels()); err == nil {
			t.Purpose = labels.Purpose
		}
		return nil
	}
	if t.Side != delivery.Ours {
		return nil
	}
	body, err := r.readPaper(ctx, tx, paper{t.Peer, t.Side, t.ID, paperDraft})
	if err != nil || body == nil {
		return err
	}
	d, err := r.draft(ctx, tx, t.Peer, t.ID)
	if err == nil {
		t.Purpose = d.Labels.Purpose
	}
	return err
}

// Posted returns what of ours in a thread with a peer is not done: what waits, and what the
// peer did not take or accept, oldest first. What is simply on its way has no What.
func (r *Room) Posted(ctx context.Context, tx *store.Tx, with identity.NodeID, thread cx.Thread) ([]Trouble, error) {
	var out []Trouble
	err := eachOf(ctx, tx, func(scan func(...any) error) error {
		t := Trouble{Peer: with, Thread: thread, Side: delivery.Ours}
		var id []byte
		o, err := scanTrouble(func(rest ...any) error { return scan(append([]any{&id}, rest...)...) }, tx.Micros())
		if err != nil {
			return err
		}
		o.into(&t)
		copy(t.ID[:], id)
		out = append(out, t)
		return nil
	}, sqlPosted, string(with), thread[:])
	if err != nil {
		return nil, err
	}
	return out, eachOf(ctx, tx, func(scan func(...any) error) error {
		t := Trouble{Peer: with, Thread: thread, Side: delivery.Ours, What: Unaccepted}
		var id []byte
		var stage, code, unmet string
		var at int64
		err := scan(&id, &at, &stage, &code, &unmet)
		copy(t.ID[:], id)
		t.At, t.Code, t.Unmet = fromMicros(at), cx.Code(code), strings.Fields(unmet)
		out = append(out, t)
		return err
	}, sqlPostedDenied, string(with), thread[:])
}
