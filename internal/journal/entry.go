package journal

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"causeway/internal/ident"

	"github.com/fxamacker/cbor/v2"
)

// The actions, after FHIR AuditEvent and IHE-ATNA; what exactly was done stands
// beside them in [Entry.What].
const (
	Create    = "CREATE"
	Read      = "READ"
	List      = "LIST"
	Update    = "UPDATE"
	Decide    = "DECIDE"
	Export    = "EXPORT"
	Print     = "PRINT"
	Grant     = "GRANT"
	Revoke    = "REVOKE"
	Login     = "LOGIN"
	Logout    = "LOGOUT"
	Review    = "REVIEW"
	Erase     = "ERASE"
	Restore   = "RESTORE"
	KeyRotate = "KEYROTATE"
	Configure = "CONFIG"
	Upgrade   = "UPGRADE"
	Clock     = "CLOCK"
	Start     = "START"
	Shutdown  = "SHUTDOWN"
	Import    = "IMPORT"
	Backup    = "BACKUP"

	BreakGlass = "BREAKGLASS" // after HL7 EHR-S FM TI.2.1.2.8
)

// The outcomes.
const (
	OK     = "ok"
	Denied = "denied"
	Failed = "failed"
)

// RowState names one record row that a command wrote, with the keyed digest of
// its columns: a row edited or put back behind the program's back differs.
type RowState struct {
	_       struct{} `cbor:",toarray"`
	Table   string   // written as "" where it is that of the row before
	Row     []byte
	Version int64
	MAC     []byte // empty: the row was deleted
}

// Entry is what a caller tells the journal. It holds codes and identifiers
// only: nothing here may come from a form field.
type Entry struct {
	Actor       ident.Staff
	Strength    string // how the actor proved who they are: password, passkey, totp, job, shell
	Session     ident.Session
	OnBehalf    ident.Staff // the person a deputy acts for
	Role        string
	Unit        ident.Unit
	Via         string // web, job, cli, demo, import
	Zone        string // network zone: loopback, inside, outside
	Action      string // one of the constants of this package
	What        string // the access action, such as "case.note"
	Purpose     string
	Basis       string // policy id and pack version that permitted it
	Subjects    []ident.Subject
	Rows        []RowState
	Outcome     string // ok, denied, failed
	Reason      string // code, for denied and failed
	Cause       ident.Entry
	Command     ident.Command
	Count       int64    // how many repeats this entry sums up; 0 means one
	Commitments [][]byte // commitments of subject keys made by this command
	Payload     []byte   // sealed bytes; only with exactly one subject
	NewSubject  bool     // the subject's key was made by this command: its chain begins here
}

// Header is the part of an entry that the tree commits to, as deterministic
// CBOR with integer keys. Stored bytes are what is hashed; nothing is encoded
// again to verify.
type Header struct {
	Version     int64      `cbor:"1,keyasint"`
	ID          []byte     `cbor:"2,keyasint"`
	Salt        []byte     `cbor:"3,keyasint"`
	Node        string     `cbor:"4,keyasint"`
	Epoch       int64      `cbor:"5,keyasint"`
	At          int64      `cbor:"6,keyasint"` // UTC microseconds
	Clock       int64      `cbor:"7,keyasint,omitempty"`
	Actor       []byte     `cbor:"8,keyasint,omitempty"`
	Strength    string     `cbor:"9,keyasint,omitempty"`
	Session     []byte     `cbor:"10,keyasint,omitempty"`
	OnBehalf    []byte     `cbor:"11,keyasint,omitempty"`
	Role        string     `cbor:"12,keyasint,omitempty"`
	Unit        []byte     `cbor:"13,keyasint,omitempty"`
	Via         string     `cbor:"14,keyasint,omitempty"`
	Zone        string     `cbor:"15,keyasint,omitempty"`
	Action      string     `cbor:"16,keyasint"`
	What        string     `cbor:"17,keyasint,omitempty"`
	Purpose     string     `cbor:"18,keyasint,omitempty"`
	Basis       string     `cbor:"19,keyasint,omitempty"`
	Subjects    [][]byte   `cbor:"20,keyasint,omitempty"`
	Rows        []RowState `cbor:"21,keyasint,omitempty"`
	Outcome     string     `cbor:"22,keyasint"`
	Reason      string     `cbor:"23,keyasint,omitempty"`
	Cause       []byte     `cbor:"24,keyasint,omitempty"`
	Command     []byte     `cbor:"25,keyasint,omitempty"`
	Count       int64      `cbor:"26,keyasint,omitempty"`
	Commitments [][]byte   `cbor:"27,keyasint,omitempty"`
	Payload     []byte     `cbor:"28,keyasint,omitempty"` // SHA-256 of the sealed payload
	Prev        []byte     `cbor:"29,keyasint,omitempty"` // leaf of this subject's previous writing entry
	Chained     bool       `cbor:"30,keyasint,omitempty"` // this entry is a link of its subject's chain
}

// ClockStepped marks an entry made while the machine's clock stood behind the
// newest entry; the entry's time was then moved just after it.
const ClockStepped = 1

// headerVersion is the schema of [Header] written today.
const headerVersion = 1

// maxHeader is the largest header accepted: tlog-tiles gives entries 16-bit
// lengths (C2SP tlog-tiles).
const maxHeader = 1<<16 - 1

var encMode = mustEnc()

func mustEnc() cbor.EncMode {
	m, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err)
	}
	return m
}

// ParseHeader reads stored header bytes strictly: only bytes that encoding the
// result would give again are accepted. It never sees a key. The result shares
// the memory of b.
func ParseHeader(b []byte) (*Header, error) {
	var h Header
	if err := h.parse(b); err != nil {
		return nil, err
	}
	return &h, nil
}

// parse is [ParseHeader] into an h whose lists are used again.
func (h *Header) parse(b []byte) error {
	if len(b) > maxHeader {
		return fmt.Errorf("journal header of %d bytes", len(b))
	}
	d := decoder{b: b}
	if err := d.header(h); err != nil {
		return err
	}
	if h.Version != headerVersion {
		return fmt.Errorf("journal header of unknown version %d", h.Version)
	}
	if len(h.ID) != 16 || len(h.Salt) != 16 || h.Node == "" || h.Epoch < 1 || h.Action == "" || h.Outcome == "" {
		return errors.New("journal header is incomplete")
	}
	return nil
}

// EntryID returns the entry's identifier.
func (h *Header) EntryID() ident.Entry { return ident.Entry(h.ID) }

// Time returns when the entry was made.
func (h *Header) Time() time.Time { return time.UnixMicro(h.At).UTC() }

// encode builds the header of e and returns its bytes. prev is the chain head
// for a chained entry, nil for the first of a chain.
func encode(e *Entry, id ident.Entry, at int64, clock int64, node string, epoch int64, chained bool, prev []byte) ([]byte, error) {
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return nil, fmt.Errorf("journal salt: %w", err)
	}
	h := Header{
		Version: headerVersion, ID: id[:], Salt: salt, Node: node, Epoch: epoch,
		At: at, Clock: clock, Actor: opt(e.Actor), Strength: e.Strength,
		Session: opt(e.Session), OnBehalf: opt(e.OnBehalf), Role: e.Role, Unit: opt(e.Unit),
		Via: e.Via, Zone: e.Zone, Action: e.Action, What: e.What, Purpose: e.Purpose,
		Basis: e.Basis, Rows: brief(e.Rows), Outcome: e.Outcome, Reason: e.Reason,
		Cause: opt(e.Cause), Command: opt(e.Command), Count: e.Count,
		Commitments: e.Commitments, Prev: prev, Chained: chained,
	}
	for i := range e.Subjects {
		h.Subjects = append(h.Subjects, e.Subjects[i][:])
	}
	if e.Payload != nil {
		sum := sha256.Sum256(e.Payload)
		h.Payload = sum[:]
	}
	b, err := encMode.Marshal(&h)
	if err != nil {
		return nil, fmt.Errorf("journal header: %w", err)
	}
	// What the reader refuses must never be written: the sequencer would stop.
	var check Header
	if err := check.parse(b); err != nil {
		return nil, err
	}
	return b, nil
}

// brief returns rows as a header writes them: a table is named once for all of
// its rows that stand together.
func brief(rows []RowState) []RowState {
	out := slices.Clone(rows)
	for i := range rows[min(1, len(rows)):] {
		if rows[i+1].Table == rows[i].Table {
			out[i+1].Table = ""
		}
	}
	return out
}

// opt returns an identifier's bytes, nil for none.
func opt[K any](id ident.ID[K]) []byte {
	if id.IsZero() {
		return nil
	}
	return id[:]
}
