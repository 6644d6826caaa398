package casework

import (
	"context"

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
