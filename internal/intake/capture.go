package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// The states of a form that came from a phone.
const (
	CaptureReceived  = "received"  // it is safe here, and is filed in a moment
	CaptureWaiting   = "waiting"   // it could not be filed: somebody decides
	CaptureFiled     = "filed"     //
	CaptureDiscarded = "discarded" //
)

// CaptureBox opens what a phone sealed to the node; [keys.Custody] is one.
type CaptureBox interface {
	OpenCapture(id ident.Capture, envelope []byte) ([]byte, error)
}

// Authors tells whose ticket came with a form; [access.People] does.
type Authors interface {
	Author(ctx context.Context, ticket string, arrived time.Time, w access.Carried, zone string) (access.Author, error)
}

// Filer carries a form out as its author, as if it had come from a page: through
// the same room, with the same decision of the gate.
type Filer interface {
	// File returns the case that the form is meant for, as far as that is known,
	// also where it refuses.
	File(ctx context.Context, c *access.Caller, cmd ident.Command, f *Filled) (ident.Case, error)
}

// CaptureConfig is what captures need. All of it is required.
type CaptureConfig struct {
	DB      *store.DB
	Gate    *access.Gate
	Box     CaptureBox
	Authors Authors
	Filer   Filer
	Clock   clock.Clock
	Log     *slog.Logger
}

// Captures receives the forms that were filled in without a network. Each is
// stored once, then filed in its author's name; what cannot be filed waits, and is
// never lost and never merged with anything.
type Captures struct{ CaptureConfig }

// NewCaptures returns the captures of a node.
func NewCaptures(c CaptureConfig) *Captures { return &Captures{c} }

// Filled is a form as the phone sealed it: its fields have the names of the page's.
type Filled struct {
	Kind    string     // "check", "registration", "note", "visit"
	Number  string     // of the case it is about, as typed; "" for a new one
	Answers url.Values //
	At      time.Time  // when it was finished, by the phone's clock

	ticket string
}

// filled is the JSON inside the envelope.
type filled struct {
	Version int                 `json:"v"`
	Ticket  string              `json:"ticket"`
	Kind    string              `json:"kind"`
	Number  string              `json:"number"`
	At      int64               `json:"at"` // milliseconds
	Answers map[string][]string `json:"answers"`
}

// Bounds of what one form holds.
const (
	mostAnswers   = 200
	mostAnswer    = 50
	captureFormat = 1
)

// captureKinds are the forms that a phone may send.
var captureKinds = map[string]bool{"check": true, "registration": true, "note": true, "visit": true}

// ParseFilled reads what was in an envelope. Anything else than such a form is
// "capture-unreadable".
func ParseFilled(text []byte) (*Filled, error) {
	errForm := fault.New(fault.Invalid, "capture-unreadable")
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var in filled
	if err := d.Decode(&in); err != nil {
		return nil, errForm
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errForm
	}
	ok := in.Version == captureFormat && captureKinds[in.Kind] && len(in.Number) <= 64 && len(in.Answers) <= mostAnswers &&
		in.At > 0 && in.At < 1<<43
	for _, list := range in.Answers {
		ok = ok && len(list) <= mostAnswer
	}
	if !ok {
		return nil, errForm
	}
	return &Filled{Kind: in.Kind, Number: in.Number, Answers: in.Answers, At: time.UnixMilli(in.At).UTC(), ticket: in.Ticket}, nil
}

// Capture is one form that arrived.
type Capture struct {
	ID        ident.Capture
	Kind      string
	State     string
	Reason    string // message code of why it waits
	Received  time.Time
	Author    ident.Staff
	Unit      ident.Unit
	SentBy    ident.Staff
	SettledBy ident.Staff
	Settled   time.Time
	Filled    *Filled // where the form was opened

	meant   ident.Case
	version int64
	digest  []byte
	sealed  []byte
}

const captureTable = "intake_capture"

// kept is the sealed part of a row.
type kept struct {
	_    struct{} `cbor:",toarray"`
	Form sealed.Bytes
	Why  sealed.Text // why it was discarded
}

// Command returns the command under which a form is filed: the same form, sent
// again by anybody, is the same command.
func (c *Capture) Command() ident.Command {
	sum := sha256.Sum256(append([]byte("causeway/capture-command/1"), c.ID[:]...))
	return ident.Command(sum[:16])
}

// Receive takes a form in, whoever sends it, and files it. When it returns nil the
// form is stored for good, and the phone may forget it. The same form again
// changes nothing; another one under its identifier is a Conflict.
func (s *Captures) Receive(ctx context.Context, sender *access.Caller, id ident.Capture, envelope []byte) error {
	digest := sha256.Sum256(envelope)
	if here, err := s.here(ctx, sender, id, digest[:]); here || err != nil {
		return err
	}
	text, err := s.Box.OpenCapture(id, envelope)
	if err != nil {
		return err
	}
	defer clear(text)
	f, err := ParseFilled(text)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	a, err := s.author(ctx, f, now, sender.Staff(), sender.Zone())
	if err != nil {
		return err
	}
	row := &Capture{
		ID: id, Kind: f.Kind, State: CaptureReceived, Received: now, Author: a.Staff, Unit: a.Unit, SentBy: sender.Staff(),
		Filled: f, version: 1, digest: digest[:],
	}
	act := access.Act{Action: "capture.receive", Purpose: purpose, About: row.Command()}
	_, err = s.Gate.Do(ctx, sender, act, func(p *access.Pass) (string, error) {
		return "", row.insert(ctx, p, text)
	})
	if fault.CodeOf(err) == "exists" { // sent twice at the same moment
		_, err := s.here(ctx, sender, id, digest[:])
		return err
	}
	if err != nil {
		return err
	}
	if err := s.file(ctx, row, a); err != nil { // it is safe: the job tries again
		s.Log.WarnContext(ctx, "form not filed yet", slog.Any("err", err))
	}
	return nil
}

// author finds out whose form it is. A form is never from the future: the clock of
// the phone may be wrong.
func (s *Captures) author(ctx context.Context, f *Filled, received time.Time, sent ident.Staff, zone string) (access.Author, error) {
	if f.At.After(received) {
		f.At = received
	}
	return s.Authors.Author(ctx, f.ticket, received, access.Carried{At: f.At, Sent: sent}, zone)
}

// here reports whether this very form is stored already.
func (s *Captures) here(ctx context.Context, c *access.Caller, id ident.Capture, digest []byte) (bool, error) {
	var found *Capture
	err := s.Gate.Own(ctx, c, func(p *access.Pass) (err error) {
		found, err = readCapture(ctx, p.Tx(), id)
		return err
	})
	switch {
	case fault.Is(err, fault.NotFound) && fault.CodeOf(err) != "no-such-page":
		return false, nil
	case err != nil:
		return false, err
	case !bytes.Equal(found.digest, digest):
		return false, fault.New(fault.Conflict, "capture-other")
	}
	return true, nil
}

// file carries a stored form out, or lets it wait.
func (s *Captures) file(ctx context.Context, row *Capture, a access.Author) error {
	why, meant := a.Why, ident.Case{}
	if why == "" {
		var err error
		meant, err = s.Filer.File(ctx, a.Caller, row.Command(), row.Filled)
		switch kind := fault.KindOf(err); {
		case err == nil:
			return s.filed(ctx, row)
		case kind == fault.NotFound || kind == fault.Denied:
			why = "capture-no-reach" // what does not exist and what is not theirs read the same
		case kind == fault.Invalid && len(fault.FieldsOf(err)) > 0:
			why = "capture-incomplete"
		case kind == fault.Invalid || kind == fault.Conflict:
			why = fault.CodeOf(err)
		default:
			return fmt.Errorf("file form: %w", err)
		}
	}
	var of any
	if !meant.IsZero() {
		of = meant[:]
	}
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, sqlWaitCapture, row.ID, why, of)
		return err
	})
}

// filed marks a form as filed and forgets what was in it.
func (s *Captures) filed(ctx context.Context, row *Capture) error {
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, sqlSettleCapture, row.ID, CaptureFiled, tx.Micros(), row.Author, nil, row.version)
		return err
	})
}

// insert stores a form that has just arrived.
func (c *Capture) insert(ctx context.Context, p *access.Pass, text []byte) error {
	blob, err := p.SealNode(captureTable, c.ID[:], c.version, &kept{Form: sealed.NewBytes(text)})
	if err != nil {
		return err
	}
	_, err = p.Tx().Exec(ctx, sqlInsertCapture, clock.Micros(c.Received), c.version, c.ID, c.Author, c.Unit, c.SentBy, c.Kind,
		c.State, "", c.digest, blob)
	if err != nil {
		return fmt.Errorf("store form: %w", err)
	}
	return nil
}

// open reads what is in a form.
func (c *Capture) open(p *access.Pass) error {
	var k kept
	if err := p.OpenNode(captureTable, c.ID[:], c.version, c.sealed, &k); err != nil {
		return err
	}
	text := k.Form.Reveal()
	defer clear(text)
	f, err := ParseFilled(text)
	if err != nil {
		return err
	}
	if f.At.After(c.Received) {
		f.At = c.Received
	}
	c.Filled = f
	return nil
}

func (c *Capture) scan(scan func(...any) error) error {
	var received int64
	var settled *int64
	err := scan(&received, &settled, &c.version, &c.ID, &c.Author, &c.Unit, &c.SentBy, &c.SettledBy, &c.meant, &c.Kind, &c.State,
		&c.Reason, &c.digest, &c.sealed)
	if err != nil {
		return err
	}
	c.Received = clock.FromMicros(received)
	if settled != nil {
		c.Settled = clock.FromMicros(*settled)
	}
	return nil
}

func readCapture(ctx context.Context, tx *store.Tx, id ident.Capture) (*Capture, error) {
	var c Capture
	if err := c.scan(tx.QueryRow(ctx, sqlSelectCapture, id).Scan); err != nil {
		return nil, fmt.Errorf("read form: %w", err)
	}
	return &c, nil
}

func readCaptures(ctx context.Context, tx *store.Tx, query string, args ...any) ([]*Capture, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read forms: %w", err)
	}
	defer rows.Close()
	var out []*Capture
	for rows.Next() {
		var c Capture
		if err := c.scan(rows.Scan); err != nil {
			return nil, err
		}
		out = append(out, &c)
	}
	return out, rows.Err()
}
