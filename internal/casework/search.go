package casework

import (
	"context"
	"fmt"
	"slices"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/linkage"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

// mostSearch bounds what can be searched for, in characters.
const mostSearch = 100

// Found is a child that a search found, and why.
type Found struct {
	Row
	Exact    bool               // by the number of the case or of a document
	Class    linkage.Class      // what the child may be to the one who was asked for
	Evidence []linkage.Evidence // what agrees and what does not, strongest first
}

// Search finds children by case number, by exact identifier, or by a name in any script
// and a day or year of birth, as far as the caller may see them. What does not exist and
// what is hidden give the same empty answer; who answers for a hidden child that is very
// like the one asked for is told. The entry under which the page was read is returned
// with it.
func (r *Room) Search(ctx context.Context, c *access.Caller, asked sealed.Text) ([]Found, ident.Entry, error) {
	text := asked.Reveal()
	if code := person.TextFault(text, mostSearch); code != "" {
		return nil, ident.Entry{}, fault.InvalidField("query", code)
	}
	s := search{r: r, text: text, like: map[ident.Case]person.Like{}}
	var out []Found
	var entry ident.Entry
	err := r.gate.List(ctx, c, access.Act{Action: "case.search", Purpose: PurposeCare}, func(p *access.Pass) ([]ident.Case, error) { return s.pick(ctx, p) },
		func(p *access.Pass) (err error) {
			entry = p.Entry()
			out, err = s.show(ctx, p)
			return err
		})
	return out, entry, err
}

// search is one search on its way.
type search struct {
	r      *Room
	text   string
	number ident.CaseNumber
	like   map[ident.Case]person.Like
	rows   []*Case
}

// pick chooses the cases that are shown: those with the number first, then the likest.
func (s *search) pick(ctx context.Context, p *access.Pass) ([]ident.Case, error) {
	ids := s.r.index.Find(s.text)
	if number, err := ident.ParseCaseNumber(s.text); err == nil {
		s.number = number
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
	alike, err := s.alike(ctx, p)
	if err != nil {
		return nil, err
	}
	for _, id := range alike {
		if len(ids) < PageRows && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	s.rows, err = readRows(ctx, p.Tx(), ids)
	return caseIDs(s.rows), err
}

// alike returns the cases like what was asked for that the caller may see, the likest
// first, and leaves word of the others.
func (s *search) alike(ctx context.Context, p *access.Pass) ([]ident.Case, error) {
	var all, mine []person.Like
	if asked, ok := person.Asked(s.text); ok {
		own, err := reached(ctx, p)
		if err != nil {
			return nil, err
		}
		if all, mine, err = s.r.index.Like(ctx, asked, own); err != nil {
			return nil, err
		}
	}
	return s.sort(ctx, p, append(mine, all...))
}

// sort puts the likest first, leaves out what the caller may not see, and leaves word of
// that.
func (s *search) sort(ctx context.Context, p *access.Pass, likes []person.Like) ([]ident.Case, error) {
	var ids []ident.Case
	for _, l := range likes {
		if _, ok := s.like[l.Case]; !ok {
			s.like[l.Case] = l
			ids = append(ids, l.Case)
		}
	}
	slices.SortStableFunc(ids, func(a, b ident.Case) int { return compareWeight(s.like[b], s.like[a]) })
	seen, err := p.Visible(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out, hidden []ident.Case
	for i, id := range ids {
		if seen[i] {
			out = append(out, id)
		} else if striking(s.like[id]) {
			hidden = append(hidden, id)
		}
	}
	return out, leaveWord(p, hidden)
}

func compareWeight(a, b person.Like) int {
	switch {
	case a.Weight < b.Weight:
		return -1
	case a.Weight > b.Weight:
		return 1
	}
	return 0
}

// reached returns the cases that the caller reaches, where they are few; none where
// they are many.
func reached(ctx context.Context, p *access.Pass) (out []ident.Case, err error) {
	if few, err := p.Few(ctx); err != nil || !few {
		return nil, err
	}
	rows, err := p.Tx().Query(ctx, sqlReached, append(p.Caller().Holders(), p.Now().UnixMicro())...)
	if err != nil {
		return nil, fmt.Errorf("read reach: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id ident.Case
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

// show opens what was picked. The index finds an identifier by a short digest: the
// record decides.
func (s *search) show(ctx context.Context, p *access.Pass) ([]Found, error) {
	all, err := s.r.show(ctx, p, s.rows)
	var out []Found
	for _, row := range all {
		like, alike := s.like[row.Case.ID]
		exact := s.number != "" && row.Case.Number == s.number || holds(&row.Person.Details, s.text)
		if exact || alike {
			out = append(out, Found{Row: row, Exact: exact, Class: like.Class, Evidence: like.Evidence})
		}
	}
	return out, err
}

// holds reports whether a person has an identifier of this value.
func holds(d *person.Details, text string) bool {
	for _, i := range d.Identifiers {
		if person.Plain(i.Value.Reveal()) == person.Plain(text) {
			return true
		}
	}
	return false
}
