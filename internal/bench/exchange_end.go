package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"causeway/internal/bench/badline"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
	"causeway/protocol/identity"
)

// endOrder is what a process is told that is one end of a line.
type endOrder struct {
	Number int    // 0 sends, 1 receives
	Dir    string // scratch space
	Listen string // where its door is
	URL    string // how it is reached
	Ahead  time.Duration
}

func (o *endOrder) id() identity.NodeID {
	if o.Number == 0 {
		return sendingEnd
	}
	return receivingEnd
}

// deed is what an end is asked to do.
type deed struct {
	Do      string
	To      identity.NodeID `json:",omitempty"`
	Country string          `json:",omitempty"`
	Purpose string          `json:",omitempty"`
	By      handover.Party  `json:",omitempty"`
	Event   handover.Event  `json:",omitempty"`
	At      place           `json:",omitzero"`
	Card    []byte          `json:",omitempty"`
	Count   int             `json:",omitempty"` // of messages
	Threads int             `json:",omitempty"` // in so many threads
	For     time.Duration   `json:",omitempty"`
}

// told is its answer.
type told struct {
	Error    string   `json:",omitempty"`
	Text     string   `json:",omitempty"`
	At       place    `json:",omitzero"`
	Inbox    []place  `json:",omitempty"`
	Standing standing `json:",omitzero"`
	Card     []byte   `json:",omitempty"`
	Came     came     `json:",omitzero"`
	Checked  checked  `json:",omitzero"`
}

// came is what arrived at an end of the messages that reach no record.
type came struct {
	Count      int
	Doubled    int // arrived more than once
	OutOfOrder int
}

// checked is what an end finds when it verifies itself.
type checked struct {
	Entries  int64  // of its journal
	Unsound  string `json:",omitempty"` // why the journal does not verify
	Findings int    // records that do not fit their entries
}

// exchangeEnd is a process that is one end of a line: it does what it is asked until
// nobody asks any more.
func exchangeEnd(ctx context.Context, in io.Reader, out io.Writer) error {
	orders, answers := json.NewDecoder(in), json.NewEncoder(out)
	var o endOrder
	if err := orders.Decode(&o); err != nil {
		return err
	}
	e, err := o.opens(ctx)
	if err != nil {
		return err
	}
	if err := answers.Encode(told{Text: e.Config.Exchange.Listen}); err != nil {
		return errors.Join(err, e.end())
	}
	for {
		var d deed
		if err := orders.Decode(&d); errors.Is(err, io.EOF) {
			return e.end()
		} else if err != nil {
			return errors.Join(err, e.end())
		}
		var t told
		if err := e.carriesOut(ctx, &d, &t); err != nil {
			t.Error = err.Error()
		}
		if err := answers.Encode(t); err != nil {
			return errors.Join(err, e.end())
		}
	}
}

// exchangeTunnel is a process that is one end of a line between network namespaces.
func exchangeTunnel(ctx context.Context, in io.Reader, out io.Writer) error {
	if err := badline.Join(); err != nil {
		return err
	}
	return exchangeEnd(ctx, in, out)
}

// opens makes the node of an end.
func (o *endOrder) opens(ctx context.Context) (*nodeEnd, error) {
	ln, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, err
	}
	clk := new(ahead)
	clk.pass(o.Ahead)
	url := o.URL
	if url == "" {
		url = "https://" + ln.Addr().String()
	}
	return newNodeAt(ctx, &Options{Dir: o.Dir}, o.id(), door{ln, url, clk})
}

// carriesOut does what is asked.
func (e *nodeEnd) carriesOut(ctx context.Context, d *deed, t *told) (err error) {
	switch d.Do {
	case "sit":
		t.Card, err = e.sit(ctx)
	case "pair":
		err = e.pair(ctx, d.Card)
	case "serve":
		err = e.serve(ctx)
	case "deaf":
		err = e.stop()
	case "sends":
		t.At, err = e.Sends(ctx, d.To, d.Country, d.Purpose)
	case "inbox":
		t.Inbox, err = e.Inbox(ctx)
	case "look":
		t.Standing, err = e.Look(ctx, d.By, d.At)
	case "moves":
		err = e.Moves(ctx, d.By, d.At, d.Purpose, d.Event)
	case "protects":
		err = e.Protects(ctx, d.By, d.At.Case, d.Country)
	case "expires":
		err = e.Expires(ctx)
	case "passes":
		err = e.Passes(ctx, d.For)
	case "queue":
		_, err = e.queue(ctx, d.To, d.Count, newThreads(d.Threads), messageSize, cx.Purposes()...)
	case "came":
		t.Came = e.sawCome()
	case "verify":
		t.Checked, err = e.verifies(ctx)
	default:
		err = fmt.Errorf("no such deed: %s", d.Do)
	}
	return err
}

// sawCome counts what came.
func (e *nodeEnd) sawCome() came {
	all := e.arrived()
	seen := map[cx.ID]bool{}
	c := came{Count: len(all), OutOfOrder: int(outOfOrder(all))}
	for _, a := range all {
		if seen[a.id] {
			c.Doubled++
		}
		seen[a.id] = true
	}
	return c
}

// verifies verifies the journal and compares every record with it.
func (e *nodeEnd) verifies(ctx context.Context) (checked, error) {
	for { // days may just have passed by its clock: what waits for its place would be old
		waiting, _, err := e.Journal.Lag(ctx)
		if err != nil {
			return checked{}, err
		}
		if waiting == 0 {
			break
		}
		if !wait(ctx, 50*time.Millisecond) {
			return checked{}, ctx.Err()
		}
	}
	if _, err := e.Journal.Checkpoint(ctx); err != nil {
		return checked{}, err
	}
	report, err := e.VerifyJournal(ctx, nil)
	if err != nil {
		return checked{}, err
	}
	fit, err := e.Reconcile(ctx, nil)
	if err != nil {
		return checked{}, err
	}
	out := checked{Findings: len(fit.Findings)}
	if report.Exit != journal.Sound {
		out.Unsound = fmt.Sprintf("%v %+v", report.Exit, report.First())
	}
	out.Entries, err = e.Journal.Size(ctx)
	return out, err
}

// farEnd is an end in another process, as a script uses it.
type farEnd struct {
	number  int
	orders  *json.Encoder
	answers *json.Decoder
	listens string
}

var _ hands = (*farEnd)(nil)

// meets tells the process at an end what it is, and waits until it has made its node.
func meets(e *badline.End, o endOrder) (*farEnd, error) {
	f := &farEnd{number: o.Number, orders: json.NewEncoder(e.Orders), answers: json.NewDecoder(e.Answers)}
	var t told
	err := f.orders.Encode(o)
	if err == nil {
		err = f.answers.Decode(&t)
	}
	f.listens = t.Text
	return f, err
}

func (f *farEnd) id() identity.NodeID { return (&endOrder{Number: f.number}).id() }

// came waits until at least so many messages have arrived, and counts them.
func (f *farEnd) came(ctx context.Context, least int) (came, error) {
	last, still := -1, time.Now()
	for {
		t, err := f.ask(ctx, deed{Do: "came"})
		if err != nil || t.Came.Count >= least {
			return t.Came, err
		}
		if t.Came.Count != last {
			last, still = t.Came.Count, time.Now()
		}
		if time.Since(still) > 10*time.Minute || !wait(ctx, time.Second) {
			return t.Came, errors.Join(ctx.Err(), fmt.Errorf("end %d: %d messages came, then nothing", f.number, last))
		}
	}
}

// ask lets the end do something.
func (f *farEnd) ask(ctx context.Context, d deed) (t told, err error) {
	if err := ctx.Err(); err != nil {
		return t, err
	}
	if err = f.orders.Encode(d); err == nil {
		err = f.answers.Decode(&t)
	}
	if err != nil {
		return t, fmt.Errorf("end %d, %s: %w", f.number, d.Do, err)
	}
	if t.Error != "" {
		return t, fmt.Errorf("end %d, %s: %s", f.number, d.Do, t.Error)
	}
	return t, nil
}

// Sends implements hands.
func (f *farEnd) Sends(ctx context.Context, to identity.NodeID, country, purpose string) (place, error) {
	t, err := f.ask(ctx, deed{Do: "sends", To: to, Country: country, Purpose: purpose})
	return t.At, err
}

// Inbox implements hands.
func (f *farEnd) Inbox(ctx context.Context) ([]place, error) {
	t, err := f.ask(ctx, deed{Do: "inbox"})
	return t.Inbox, err
}

// Look implements hands.
func (f *farEnd) Look(ctx context.Context, by handover.Party, at place) (standing, error) {
	t, err := f.ask(ctx, deed{Do: "look", By: by, At: at})
	return t.Standing, err
}

// Moves implements hands.
func (f *farEnd) Moves(ctx context.Context, by handover.Party, at place, purpose string, event handover.Event) error {
	_, err := f.ask(ctx, deed{Do: "moves", By: by, At: at, Purpose: purpose, Event: event})
	return err
}

// Protects implements hands.
func (f *farEnd) Protects(ctx context.Context, by handover.Party, of ident.Case, country string) error {
	_, err := f.ask(ctx, deed{Do: "protects", By: by, At: place{Case: of}, Country: country})
	return err
}

// Expires implements hands.
func (f *farEnd) Expires(ctx context.Context) error {
	_, err := f.ask(ctx, deed{Do: "expires"})
	return err
}

// Passes implements hands.
func (f *farEnd) Passes(ctx context.Context, d time.Duration) error {
	_, err := f.ask(ctx, deed{Do: "passes", For: d})
	return err
}
