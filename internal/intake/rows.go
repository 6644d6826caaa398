package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// stale is how long a running import may be silent before its process counts as
// gone: every batch writes, and so does a dry run now and then.
const stale = time.Minute

func (im *Import) insert(ctx context.Context, p *access.Pass, keep time.Duration) error {
	im.Created, im.Updated = p.Now(), p.Now()
	im.Expires, im.version, im.seals = p.Now().Add(keep), 1, 1
	blob, err := p.SealNode(importTable, im.ID[:], im.seals, &im.secret)
	if err != nil {
		return fmt.Errorf("seal import: %w", err)
	}
	_, err = p.Tx().Exec(ctx, sqlInsertImport, im.ID, im.owner, im.State, im.Failure, im.Size, im.Total, im.Ready, im.Again,
		im.LastRow, im.batches, im.Registered, im.Refused, clock.Micros(im.Created), clock.Micros(im.Updated),
		clock.Micros(im.Expires), im.version, im.seals, blob)
	if err != nil {
		return fmt.Errorf("write import: %w", err)
	}
	return nil
}

// save writes what changed; the sealed part only when it did. Another process
// that works on the same import makes it a Conflict.
func (im *Import) save(ctx context.Context, p *access.Pass, secretToo bool) error {
	state := im.State
	if state == Checking {
		state = Running
	}
	n, err := p.Tx().Exec(ctx, sqlUpdateImport, im.ID, state, im.Failure, im.Total, im.Ready, im.Again, im.LastRow,
		im.batches, im.Registered, im.Refused, clock.Micros(p.Now()), im.version)
	if err != nil {
		return fmt.Errorf("write import: %w", err)
	}
	if n != 1 {
		return errElsewhere
	}
	im.version++
	if !secretToo {
		return nil
	}
	blob, err := p.SealNode(importTable, im.ID[:], im.seals+1, &im.secret)
	if err != nil {
		return fmt.Errorf("seal import: %w", err)
	}
	n, err = p.Tx().Exec(ctx, sqlSealImport, im.ID, im.seals+1, blob, im.seals)
	if err != nil {
		return fmt.Errorf("write import: %w", err)
	}
	if n != 1 {
		return errElsewhere
	}
	im.seals++
	return nil
}

// errElsewhere says that somebody else works on the import.
var errElsewhere = fault.New(fault.Conflict, "import-elsewhere")

// scan reads a row of importColumns.
func (im *Import) scan(scan func(...any) error) ([]byte, error) {
	var created, updated, expires int64
	var blob []byte
	err := scan(&im.ID, &im.owner, &im.State, &im.Failure, &im.Size, &im.Total, &im.Ready, &im.Again, &im.LastRow,
		&im.batches, &im.Registered, &im.Refused, &created, &updated, &expires, &im.version, &im.seals, &blob)
	im.Created, im.Updated, im.Expires = clock.FromMicros(created), clock.FromMicros(updated), clock.FromMicros(expires)
	return blob, err
}

// unseal opens the sealed part.
func (s *Imports) unseal(im *Import, p *access.Pass, blob []byte) error {
	if err := p.OpenNode(importTable, im.ID[:], im.seals, blob, &im.secret); err != nil {
		return fmt.Errorf("open import: %w", err)
	}
	im.Name = im.secret.Name
	if err := decode(im.secret.Mapping, &im.Mapping); err != nil {
		return err
	}
	if err := decode(im.secret.Report, &im.Report); err != nil {
		return err
	}
	if im.State == Running && im.Report == nil {
		im.State = Checking
	}
	if s.isRunning(im.ID) || s.Clock.Now().Sub(im.Updated) <= stale {
		return nil
	}
	switch im.State { // its process is gone
	case Running:
		im.State = Paused
	case Checking:
		im.State, im.Failure = Mapped, "import-broken-off"
	}
	return nil
}

func decode[T any](text sealed.Text, into **T) error {
	if text.IsZero() {
		return nil
	}
	if err := json.Unmarshal([]byte(text.Reveal()), into); err != nil {
		return fault.New(fault.Internal, "import-unreadable") // the cause may quote the text
	}
	return nil
}

// load reads an import of the caller. One of somebody else is not found.
func (s *Imports) load(ctx context.Context, p *access.Pass, id ident.Import) (*Import, error) {
	var im Import
	row := p.Tx().QueryRow(ctx, sqlSelectImport, id, p.Caller().Staff(), clock.Micros(s.Clock.Now()))
	blob, err := im.scan(row.Scan)
	if err != nil {
		return nil, fmt.Errorf("read import: %w", err)
	}
	return &im, s.unseal(&im, p, blob)
}

// all reads the imports of the caller, newest first.
func (s *Imports) all(ctx context.Context, p *access.Pass) ([]*Import, error) {
	rows, err := p.Tx().Query(ctx, sqlSelectImports, p.Caller().Staff(), clock.Micros(s.Clock.Now()))
	if err != nil {
		return nil, fmt.Errorf("read imports: %w", err)
	}
	defer rows.Close()
	var list []*Import
	for rows.Next() {
		var im Import
		blob, err := im.scan(rows.Scan)
		if err != nil {
			return nil, err
		}
		if err := s.unseal(&im, p, blob); err != nil {
			return nil, err
		}
		list = append(list, &im)
	}
	return list, rows.Err()
}

// value is the sealed part of a problem.
type value struct {
	_    struct{} `cbor:",toarray"`
	Text sealed.Text
}

// problemKey binds a sealed value to its place.
func problemKey(id ident.Import, p *Problem) []byte {
	return fmt.Appendf(nil, "%s/%d/%d/%s", id, p.Row, p.Column, p.Code)
}

// writeProblems stores problems; there are no two with the same place and code.
func writeProblems(ctx context.Context, p *access.Pass, id ident.Import, list []Problem) error {
	const at = 100
	for start := 0; start < len(list); start += at {
		chunk := list[start:min(start+at, len(list))]
		stmts := make([]store.Stmt, len(chunk))
		for i := range chunk {
			pr := &chunk[i]
			blob, err := p.SealNode(problemTable, problemKey(id, pr), 1, &value{Text: sealed.NewText(pr.Value)})
			if err != nil {
				return fmt.Errorf("seal problem: %w", err)
			}
			stmts[i] = store.Stmt{SQL: sqlInsertProblem, Args: []any{id, pr.Row, int64(pr.Column), pr.Code, pr.Stop, blob}}
		}
		if err := p.Tx().Batch(ctx, stmts...); err != nil {
			return fmt.Errorf("write problems: %w", err)
		}
	}
	return nil
}

// Told is one line of the report: a problem, and what stood in the cell.
type Told struct {
	Row    int64
	Column int
	Code   string
	Stop   bool
	Value  sealed.Text
}

// Entries returns which entries of a sub-form a line is about, and which of their
// fields, such as "2 note_date; 5"; "" for a line about anything else.
func (t *Told) Entries() string {
	if !strings.HasPrefix(t.Code, entryCodes) {
		return ""
	}
	return t.Value.Reveal()
}

// Problems returns lines of the report from a row on, at most limit of them, and
// how many lines there are in all. Looking at it is an entry in the journal.
func (s *Imports) Problems(ctx context.Context, c *access.Caller, id ident.Import, from int64, limit int) (list []Told, all int64, err error) {
	err = s.Gate.View(ctx, c, access.Act{Action: action, Purpose: purpose}, func(p *access.Pass) error {
		if _, err := s.load(ctx, p, id); err != nil {
			return err
		}
		if err := p.Tx().QueryRow(ctx, sqlCountProblems, id).Scan(&all); err != nil {
			return fmt.Errorf("count problems: %w", err)
		}
		list, err = readProblems(ctx, p, id, from, limit)
		return err
	})
	return list, all, err
}

func readProblems(ctx context.Context, p *access.Pass, id ident.Import, from int64, limit int) ([]Told, error) {
	rows, err := p.Tx().Query(ctx, sqlSelectProblems, id, from, int64(limit))
	if err != nil {
		return nil, fmt.Errorf("read problems: %w", err)
	}
	defer rows.Close()
	var list []Told
	for rows.Next() {
		var pr Problem
		var column int64
		var blob []byte
		if err := rows.Scan(&pr.Row, &column, &pr.Code, &pr.Stop, &blob); err != nil {
			return nil, err
		}
		pr.Column = int(column)
		var v value
		if err := p.OpenNode(problemTable, problemKey(id, &pr), 1, blob, &v); err != nil {
			return nil, fmt.Errorf("open problem: %w", err)
		}
		list = append(list, Told{pr.Row, pr.Column, pr.Code, pr.Stop, v.Text})
	}
	return list, rows.Err()
}
