package casework

import (
	"context"
	"encoding/json"
	"fmt"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

// mostSearch bounds what can be searched for, in characters.
const mostSearch = 100

// Search finds children by case number or by exact identifier, as far as the
// caller may see them. What does not exist and what is hidden give the same
// empty answer. The entry under which the page was read is returned with it.
func (r *Room) Search(ctx context.Context, c *access.Caller, asked sealed.Text) ([]Row, ident.Entry, error) {
	text := asked.Reveal()
	if code := person.TextFault(text, mostSearch); code != "" {
		return nil, ident.Entry{}, fault.InvalidField("query", code)
	}
	number, numberErr := ident.ParseCaseNumber(text)
	var rows []*Case
	var out []Row
	var entry ident.Entry
	err := r.gate.List(ctx, c, access.Act{Action: "case.search", Purpose: PurposeCare},
		func(p *access.Pass) ([]ident.Case, error) {
			ids := r.index.Find(text)
			if numberErr == nil {
				var id ident.Case
				err := p.Tx().QueryRow(ctx, sqlCaseByNumber, string(number)).Scan(&id)
				if err != nil && !fault.Is(err, fault.NotFound) {
					return nil, err
				}
				if err == nil {
					ids = append(ids, id)
				}
			}
			ids, err := visible(ctx, p, ids, PageRows)
			if err != nil {
				return nil, err
			}
			rows, err = readRows(ctx, p.Tx(), ids)
			return caseIDs(rows), err
		},
		func(p *access.Pass) error {
			entry = p.Entry()
			all, err := r.show(ctx, p, rows)
			for _, row := range all {
				if row.Case.Number == number || holds(&row.Person.Details, text) {
					out = append(out, row)
				}
			}
			return err
		})
	return out, entry, err
}

// holds reports whether a person has an identifier of this value: the index
// finds by a short digest, the record decides.
func holds(d *person.Details, text string) bool {
	for _, i := range d.Identifiers {
		if person.Plain(i.Value.Reveal()) == person.Plain(text) {
			return true
		}
	}
	return false
}

// SavedView is a filter a person keeps under a label.
type SavedView struct {
	ID    ident.View
	Label sealed.Text
	Query Query
}

type viewLabel struct {
	_     struct{} `cbor:",toarray"`
	Label sealed.Text
}

const (
	viewTable = "casework_view"
	mostViews = 20
	mostLabel = 60
)

// SaveView keeps a filter under a label.
func (r *Room) SaveView(ctx context.Context, c *access.Caller, cmd ident.Command, label sealed.Text, q Query) error {
	var chk fault.Check
	chk.Require(!label.IsZero() && label.Reveal() != "", "label", "required")
	text(&chk, "label", label, mostLabel)
	if err := chk.Err(); err != nil {
		return err
	}
	if err := q.check(r.codes); err != nil {
		return err
	}
	q.Cursor = ""
	filter, err := json.Marshal(q)
	if err != nil {
		return fmt.Errorf("encode view: %w", err)
	}
	_, err = r.gate.Do(ctx, c, access.Act{Action: "view.save", Purpose: PurposeCare, Command: cmd}, func(p *access.Pass) (string, error) {
		var n int
		if err := p.Tx().QueryRow(ctx, sqlCountViews, c.Staff()).Scan(&n); err != nil {
			return "", err
		}
		if n >= mostViews {
			return "", fault.InvalidField("label", "too-many")
		}
		id := ident.Beside[ident.View]()
		blob, err := p.SealNode(viewTable, id[:], 1, &viewLabel{Label: label})
		if err != nil {
			return "", err
		}
		_, err = p.Tx().Exec(ctx, sqlInsertView, id, c.Staff(), string(filter), blob, p.Now().UnixMicro())
		return id.String(), err
	})
	return err
}

// DeleteView removes one of the caller's own views.
func (r *Room) DeleteView(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.View) error {
	_, err := r.gate.Do(ctx, c, access.Act{Action: "view.save", Purpose: PurposeCare, Command: cmd}, func(p *access.Pass) (string, error) {
		n, err := p.Tx().Exec(ctx, sqlDeleteView, id, c.Staff())
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "no-such-page")
		}
		return "", err
	})
	return err
}

// Views returns the caller's own saved views. They hold no child's data.
func (r *Room) Views(ctx context.Context, c *access.Caller) ([]SavedView, error) {
	var out []SavedView
	err := r.gate.Own(ctx, c, func(p *access.Pass) error {
		rows, err := p.Tx().Query(ctx, sqlSelectViews, c.Staff())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var v SavedView
			var filter string
			var blob []byte
			var version int64
			if err := rows.Scan(&v.ID, &filter, &blob, &version); err != nil {
				return err
			}
			var l viewLabel
			if err := p.OpenNode(viewTable, v.ID[:], version, blob, &l); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(filter), &v.Query); err != nil {
				return fmt.Errorf("read view: %w", err)
			}
			v.Label = l.Label
			out = append(out, v)
		}
		return rows.Err()
	})
	return out, err
}
