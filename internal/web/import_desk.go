package web

import (
	"context"
	"io"
	"time"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// ImportDesk takes files of cases in. Each file belongs to the person who
// brought it; for everybody else it does not exist. Package node implements it.
type ImportDesk interface {
	// MostBytes is how large a file may be.
	MostBytes() int64
	Past(ctx context.Context, c *access.Caller) ([]Imported, error)
	Get(ctx context.Context, c *access.Caller, id ident.Import) (Imported, error)
	// Receive takes a file in, sealed. name is shown to its owner only. Like every
	// step with a command, it is carried out once for one command.
	Receive(ctx context.Context, c *access.Caller, cmd ident.Command, name string, r io.Reader) (ident.Import, error)
	// Look guesses what the columns hold. as is nil for a first look, or how a
	// person wants the file read.
	Look(ctx context.Context, c *access.Caller, id ident.Import, as *ImportReading) (ImportGuess, error)
	// Choose keeps what a person chose, and reads the whole file without
	// registering anything, in the background: the state is "checking" meanwhile.
	Choose(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Import, ch ImportChoice) error
	// Try does that again, as was chosen before.
	Try(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Import) error
	// Begin registers the rows that are ready, in the background, or goes on.
	Begin(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Import) error
	// Pause stops what runs in the background.
	Pause(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Import) error
	// Discard ends an import and removes its file; what was registered stays.
	Discard(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Import) error
	// Problems returns lines about the rows from a row on, and how many lines
	// there are in all.
	Problems(ctx context.Context, c *access.Caller, id ident.Import, from int64, limit int) ([]RowError, int64, error)
}

// Imported is one import as its owner sees it.
type Imported struct {
	ID         ident.Import
	State      string // words "importing.<State>"
	Failure    string // error code of why it stopped
	Name       sealed.Text
	Rows       int64 // while it is tried an estimate, 0 for none
	Tried      int64 // rows read so far while it is tried
	Ready      int64 // rows that can be registered
	Again      int64 // rows that came before
	Registered int64
	Refused    int64 // rows that the register did not take
	Created    time.Time
	Expires    time.Time
	Columns    []string // names in the file, known once chosen
	Brings     []RowBrings
}

// RowBrings is how many people, needs, notes and follow-ups come with one row.
type RowBrings struct {
	Row    int
	Counts []int64 // in the order of [importParts]
}

// ImportReading says how a file is read.
type ImportReading struct {
	Encoding  string
	Delimiter string
	Sheet     string
	Header    int64 // row with the names of the columns, 0 for none, -1 to guess
}

// ImportGuess is what a look at a file found.
type ImportGuess struct {
	Reading    ImportReading
	Encodings  []string // what else it could be; empty where it does not matter
	Delimiters []string
	Sheets     []string
	Columns    []ImportColumn
	Asks       []string // what a person must look at; words "importask.<code>"
}

// ImportColumn is one column of the file and what it is taken for.
type ImportColumn struct {
	Header  string
	Choice  string // a field, with a kind behind a stroke: "identifier/passport"
	Order   string // of dates; words "dateorder.<Order>"
	Group   int    // columns of names with one number make one name
	Dates   bool   // the order of dates matters
	Known   bool   // the name of the column was recognised
	Samples []sealed.Text
	Asks    []string
}

// ImportChoice is what a person chose.
type ImportChoice struct {
	Reading  ImportReading
	Columns  []ImportColumn    // Choice, Order and Group count
	Defaults map[string]string // field to code, for rows that say none
}
