package intake

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/intake/sheet"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// The states of an import.
const (
	Uploaded = "uploaded" // the file is here
	Mapped   = "mapped"   // its columns were chosen; a dry run that was broken off is here again
	Checking = "checking" // the dry run is on its way; stored as running, without a report
	Checked  = "checked"  // it was read to the end without writing a case
	Running  = "running"  // its rows are being registered
	Paused   = "paused"   // can go on: stopped by a person, a full disk or a crash
	Done     = "done"     //
	Failed   = "failed"   // something refuses it; can be tried again
)

// action is what access knows every step of an import by.
const (
	action  = "import.run"
	purpose = "case-work"
)

// Register puts rows into the register.
type Register interface {
	// Register registers rows in one commit, all of them or none, and runs done in
	// the same commit under a command "import.run". It may run done several times.
	// A fault of kind Invalid or Conflict means that a row was refused.
	Register(ctx context.Context, c *access.Caller, rows []*Row, done func(context.Context, *access.Pass) error) error
	// Worker reports whether somebody can be given cases under a sign-in name.
	Worker(ctx context.Context, signIn string) bool
}

// Config is what imports need. All of it is required but Limits.
type Config struct {
	DB       *store.DB // for what expires, and for signs of life
	Gate     *access.Gate
	Register Register
	Codes    Codes
	Clock    clock.Clock
	Log      *slog.Logger
	Dir      string        // of the spool
	Keep     time.Duration // how long an import and its report are kept
	Limits   sheet.Limits  // the zero value is DefaultLimits
}

// Imports keeps the imports of the node. Each belongs to the person who started
// it; nobody else sees it.
type Imports struct {
	Config

	mu      sync.Mutex            // guards the rest
	running map[ident.Import]*job // those that run in this process
	ending  bool
	wait    sync.WaitGroup
}

// New returns the imports of a node. Close it before the database.
func New(c Config) *Imports {
	if c.Limits == (sheet.Limits{}) {
		c.Limits = sheet.DefaultLimits()
	}
	return &Imports{Config: c, running: map[ident.Import]*job{}}
}

// Import is one import as its owner sees it.
type Import struct {
	ID         ident.Import
	State      string
	Failure    string // message code of why it is paused or failed, or why the dry run broke off
	Name       sealed.Text
	Size       int64
	Total      int64 // rows, after the dry run; during it an estimate, 0 for none
	Ready      int64 // of them, those that can be registered
	Again      int64 // of them, those that came before
	LastRow    int64 // number of the last row done; during the dry run how many were tried
	Registered int64
	Refused    int64 // rows that the register did not take
	Created    time.Time
	Updated    time.Time
	Expires    time.Time
	Mapping    *Mapping // nil before it is chosen
	Report     *Report  // nil before the dry run

	owner   ident.Staff
	batches int64
	version int64
	seals   int64
	secret  secret
}

// secret is the sealed part of an import's row.
type secret struct {
	_       struct{} `cbor:",toarray"`
	Name    sealed.Text
	Key     sealed.Text // of the spool file
	Mapping sealed.Text // JSON
	Report  sealed.Text // JSON
	Marks   sealed.Bytes
}

const (
	importTable  = "intake_import"
	problemTable = "intake_problem"
)

// once runs a step that writes, under the identifier of the form that asks for
// it. first is false when the form was carried out before: nothing happens again.
func (s *Imports) once(ctx context.Context, c *access.Caller, cmd ident.Command, fn func(*access.Pass) error) (first bool, err error) {
	mine := ident.New[ident.Command]().String() // kept as the command's result
	kept, err := s.Gate.Do(ctx, c, access.Act{Action: action, Purpose: purpose, Command: cmd}, func(p *access.Pass) (string, error) {
		return mine, fn(p)
	})
	return kept == mine, err
}

// do runs a step that writes and that no form asks for.
func (s *Imports) do(ctx context.Context, c *access.Caller, fn func(*access.Pass) error) error {
	_, err := s.Gate.Do(ctx, c, access.Act{Action: action, Purpose: purpose}, func(p *access.Pass) (string, error) {
		return "", fn(p)
	})
	return err
}

// Receive takes a file in. name is shown to its owner and means nothing else. The
// same command again returns the first import.
func (s *Imports) Receive(ctx context.Context, c *access.Caller, cmd ident.Command, name string, r io.Reader) (ident.Import, error) {
	if err := s.Gate.Permit(ctx, c, action, purpose); err != nil { // before anything is written
		return ident.Import{}, err
	}
	id := ident.New[ident.Import]()
	key, size, err := spool(s.Dir, id, r, s.Limits.FileBytes)
	if err != nil {
		return ident.Import{}, err
	}
	marks := make([]byte, 32)
	if _, err := rand.Read(marks); err != nil {
		return ident.Import{}, fmt.Errorf("make key: %w", err)
	}
	name, _ = clean(name)
	im := Import{
		ID: id, State: Uploaded, Size: size, owner: c.Staff(),
		secret: secret{Name: sealed.NewText(cutText(oneLine(name), 120)), Key: key, Marks: sealed.NewBytes(marks)},
	}
	kept, err := s.Gate.Do(ctx, c, access.Act{Action: action, Purpose: purpose, Command: cmd}, func(p *access.Pass) (string, error) {
		return id.String(), im.insert(ctx, p, s.Keep)
	})
	if err == nil && kept == id.String() {
		return id, nil
	}
	if gone := unspool(s.Dir, id); gone != nil { // refused, or here already
		s.Log.WarnContext(ctx, "spool file left behind", slog.Any("err", gone)) // Expire takes it
	}
	if err != nil {
		return ident.Import{}, err
	}
	return ident.Parse[ident.Import](kept)
}

// Get returns an import of the caller.
func (s *Imports) Get(ctx context.Context, c *access.Caller, id ident.Import) (*Import, error) {
	var im *Import
	err := s.Gate.Own(ctx, c, func(p *access.Pass) (err error) {
		im, err = s.load(ctx, p, id)
		return err
	})
	return im, err
}

// List returns the caller's imports, newest first, at most 50.
func (s *Imports) List(ctx context.Context, c *access.Caller) ([]*Import, error) {
	var list []*Import
	err := s.Gate.Own(ctx, c, func(p *access.Pass) (err error) {
		list, err = s.all(ctx, p)
		return err
	})
	return list, err
}

// open opens the file of an import that somebody was let into.
func (s *Imports) open(im *Import) (*spooled, error) { return openSpool(s.Dir, im.ID, im.secret.Key) }

// As is how a person wants a file to be read.
type As struct {
	Sheet     sheet.Options
	HeaderRow int64 // 0 for none, GuessHeader to have it guessed
}

// Look guesses how the file is to be read and what its columns hold. as is nil
// for a first look. The proposal shows cells.
func (s *Imports) Look(ctx context.Context, c *access.Caller, id ident.Import, as *As) (*Proposal, error) {
	im, err := s.view(ctx, c, id)
	if err != nil {
		return nil, err
	}
	f, err := s.open(im)
	if err != nil {
		return nil, err
	}
	defer s.shut(ctx, f)
	g, err := sheet.Inspect(ctx, f, s.Limits)
	if err != nil {
		return nil, err
	}
	header := int64(GuessHeader)
	if as != nil {
		g.Options, header = as.Sheet, as.HeaderRow
	}
	return ProposeAs(f, g, header, s.Codes, s.Limits)
}

// view loads an import within an entry of the journal, because what follows shows
// what the file holds.
func (s *Imports) view(ctx context.Context, c *access.Caller, id ident.Import) (*Import, error) {
	var im *Import
	err := s.Gate.View(ctx, c, access.Act{Action: action, Purpose: purpose}, func(p *access.Pass) (err error) {
		im, err = s.load(ctx, p, id)
		return err
	})
	return im, err
}

func (s *Imports) shut(ctx context.Context, f io.Closer) {
	if err := f.Close(); err != nil {
		s.Log.WarnContext(ctx, "spool file not closed", slog.Any("err", err))
	}
}

// Map keeps how the file is to be read. It is refused once rows were registered:
// bring the file in again instead, rows that are in are passed over.
func (s *Imports) Map(ctx context.Context, c *access.Caller, id ident.Import, m Mapping) error {
	text, err := s.written(m)
	if err != nil {
		return err
	}
	return s.do(ctx, c, func(p *access.Pass) error {
		im, err := s.load(ctx, p, id)
		if err != nil {
			return err
		}
		return im.remap(ctx, p, Mapped, text)
	})
}

// written checks a mapping and writes it as it is stored.
func (s *Imports) written(m Mapping) (sealed.Text, error) {
	if err := m.Check(s.Codes); err != nil {
		return sealed.Text{}, err
	}
	text, err := json.Marshal(m)
	if err != nil {
		return sealed.Text{}, fmt.Errorf("write mapping: %w", err)
	}
	return sealed.NewText(string(text)), nil
}

// remap stores a mapping and forgets the dry run before. A dry run that is on its
// way finds that the import has changed, and stops.
func (im *Import) remap(ctx context.Context, p *access.Pass, state string, mapping sealed.Text) error {
	if im.batches > 0 || im.State == Running || im.State == Done {
		return fault.New(fault.Conflict, "import-started")
	}
	im.State, im.Failure, im.Total, im.Ready, im.Again, im.LastRow = state, "", 0, 0, 0, 0
	im.secret.Mapping, im.secret.Report, im.Report = mapping, sealed.Text{}, nil
	if err := decode(mapping, &im.Mapping); err != nil {
		return err
	}
	if _, err := p.Tx().Exec(ctx, sqlDeleteProblems, im.ID); err != nil {
		return fmt.Errorf("clear report: %w", err)
	}
	return im.save(ctx, p, true)
}

// Discard ends an import and removes its file and report. What was registered
// stays.
func (s *Imports) Discard(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Import) error {
	first, err := s.once(ctx, c, cmd, func(p *access.Pass) error {
		if _, err := s.load(ctx, p, id); err != nil {
			return err
		}
		return remove(ctx, p.Tx(), id)
	})
	if err != nil || !first {
		return err
	}
	s.halt(id) // what runs finds its import gone; the file is let go first
	return unspool(s.Dir, id)
}

// remove deletes an import's rows.
func remove(ctx context.Context, tx *store.Tx, id ident.Import) error {
	for _, query := range []string{sqlDeleteProblems, sqlDeleteBatches, sqlDeleteImport} {
		if _, err := tx.Exec(ctx, query, id); err != nil {
			return fmt.Errorf("remove import: %w", err)
		}
	}
	return nil
}
