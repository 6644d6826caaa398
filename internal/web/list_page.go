package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/staff"
)

// The filters of the list in the order shown; the words are "field.<name>".
var listFilters = []struct{ name, list string }{
	{"state", ""},
	{"stage", "stage"},
	{"risk", "risk"},
	{"age_band", "age_band"},
	{"sex", "sex_recorded"},
	{"region", "region"},
	{"unit", ""},
	{"worker", ""},
}

// query reads the list's filters from an address. Unknown codes are an error
// and not an empty list.
func (v *visit) query(values url.Values) (casework.Query, error) {
	q := casework.Query{
		Stage: values.Get("stage"), Risk: values.Get("risk"), Sex: values.Get("sex"),
		AgeBand: values.Get("age_band"), Region: values.Get("region"), Cursor: values.Get("at"),
		OpenOnly: values.Get("state") == "open",
	}
	if values.Get("state") == "closed" {
		q.Stage = casework.StageClosed
	}
	var err error
	if u := values.Get("unit"); u != "" {
		if q.Unit, err = ident.Parse[ident.Unit](u); err != nil {
			return q, fault.InvalidField("unit", "not-in-list")
		}
	}
	if w := values.Get("worker"); w != "" {
		if q.Worker, err = ident.Parse[ident.Staff](w); err != nil {
			return q, fault.InvalidField("worker", "not-in-list")
		}
	}
	return q, nil
}

// stateEvery is the state of an address that asks for every child: one without any
// filter asks for what the reader's list opens with.
const stateEvery = "every"

// childrenLink is the address of the list with some filters, or with none.
func childrenLink(filters url.Values) string {
	if len(filters) == 0 {
		return "/children?state=" + stateEvery
	}
	return "/children?" + filters.Encode()
}

// children is the list.
func (s *Server) children(v *visit) error {
	kept, err := s.Cases.Views(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	values, opened := v.opening(kept)
	q, err := v.query(values)
	if err != nil {
		return err
	}
	page, err := s.Cases.List(v.r.Context(), v.caller, q)
	if err != nil {
		return err
	}
	view := Children{
		Frame: v.frame("children"), Filters: v.filters(values), Rows: v.rows(page.Rows),
		Total: page.Total, First: 1, Clear: openChildren, CanSave: s.Gate.May(v.caller, "view.save"),
		Form: Form{Action: "/children/views"}, Import: s.Gate.May(v.caller, "import.run"), Add: s.Gate.May(v.caller, "case.register"),
		Same: s.Gate.May(v.caller, "case.alike"),
	}
	bare := withoutPaging(values)
	first, _ := strconv.Atoi(values.Get("from"))
	if first > 1 && q.Cursor != "" && first < 1_000_000_000 {
		view.First = first
	}
	if total, terr := strconv.Atoi(values.Get("of")); terr == nil && page.Total < 0 && total >= 0 && total <= casework.CountMost+1 {
		view.Total = total
	}
	if view.Total > casework.CountMost {
		view.Total, view.Capped = casework.CountMost, true
	}
	of := view.Total
	if view.Capped {
		of = casework.CountMost + 1
	}
	if page.Next != "" {
		view.Next = pageLink(bare, page.Next, view.First+len(view.Rows), of)
	}
	if page.Prev != "" {
		view.Prev = pageLink(bare, page.Prev, max(1, view.First-casework.PageRows), of)
	}
	view.On = v.chips(view.Filters, bare)
	view.Opened, view.All = opened, childrenLink(nil)
	v.showViews(&view, kept, bare)
	view.Ways = v.manyWays()
	pickable(view.Rows, page.Rows)
	if s.Gate.May(v.caller, "case.export") {
		view.Export = "/children/export?" + bare.Encode()
	}
	view.Empty = len(view.Rows) == 0 && q.Cursor == "" && (len(bare) == 0 || bare.Encode() == "state=open")
	for _, f := range listFilters {
		if x := bare.Get(f.name); x != "" {
			view.Form.Hidden = append(view.Form.Hidden, Hidden{f.name, x})
		}
	}
	view.Stamp = v.stamp(page.Entry)
	status := http.StatusOK
	if f, refused, ok := v.refused(); ok {
		view.Form.Values, view.Form.Errors, view.Form.Fault, status = f.Values, f.Errors, f.Fault, refused
	}
	return v.write(status, view)
}

// withoutPaging keeps only the filters of an address.
func withoutPaging(values url.Values) url.Values {
	out := url.Values{}
	for _, f := range listFilters {
		if x := values.Get(f.name); x != "" && x != stateEvery {
			out.Set(f.name, x)
		}
	}
	return out
}

func pageLink(filters url.Values, cursor string, from, of int) string {
	u := url.Values{}
	for k, x := range filters {
		u[k] = x
	}
	if len(u) == 0 {
		u.Set("state", stateEvery)
	}
	u.Set("at", cursor)
	u.Set("from", strconv.Itoa(from))
	u.Set("of", strconv.Itoa(of))
	return "/children?" + u.Encode()
}

// filters builds the lists of answers above the list.
func (v *visit) filters(values url.Values) []Filter {
	out := make([]Filter, 0, len(listFilters))
	for _, f := range listFilters {
		one := Filter{Name: f.name, Value: values.Get(f.name)}
		switch f.name {
		case "state":
			one.Options, one.All = OpenOrClosed(v.l), stateEvery
		case "unit":
			if v.caller.Role() == access.RoleCaseWorker {
				continue
			}
			for _, u := range v.people.Units() {
				one.Options = append(one.Options, Option{Value: u.ID.String(), Label: u.Name})
			}
		case "worker":
			if v.caller.Role() == access.RoleCaseWorker {
				continue
			}
			one.Options, one.Hint = v.workersToFilter(values.Get("unit"), one.Value)
		default:
			one.Options = v.options(f.list)
		}
		if len(one.Options) > 1 || one.Hint != "" {
			out = append(out, one)
		}
	}
	return out
}

// workersShown is how many people a list of answers names at most. More would
// make a page of the list heavy, and nobody finds a name among thousands.
const workersShown = 100

// workersToFilter lists the people by whom a list can be filtered: all, or, where
// they are many, those of the unit in force, and the words that say so.
func (v *visit) workersToFilter(unit, chosen string) (options []Option, hint string) {
	leads := func(match func(*staff.Account) bool) []Option {
		var out []Option
		people := v.people.People()
		for i := range people {
			if a := &people[i]; canLead(a) && match(a) {
				out = append(out, v.worker(a))
			}
		}
		return byLabel(out)
	}
	n := 0
	for _, a := range v.people.People() {
		if canLead(&a) {
			n++
		}
	}
	if n <= workersShown {
		return leads(func(*staff.Account) bool { return true }), ""
	}
	return leads(func(a *staff.Account) bool { return a.Unit.String() == unit || a.ID.String() == chosen }), "filter.worker.by-unit"
}

func canLead(a *staff.Account) bool {
	return string(a.Role) == access.RoleCaseWorker || string(a.Role) == access.RoleSupervisor
}

func (v *visit) worker(a *staff.Account) Option {
	return Option{Value: a.ID.String(), Label: a.Name.Reveal(), Hint: v.unitName(a.Unit)}
}

func byLabel(options []Option) []Option {
	slices.SortFunc(options, func(a, b Option) int { return strings.Compare(a.Label, b.Label) })
	return options
}

// workers lists the people who can lead a case, by name.
func (v *visit) workers() []Option {
	var out []Option
	people := v.people.People()
	for i := range people {
		if canLead(&people[i]) {
			out = append(out, v.worker(&people[i]))
		}
	}
	return byLabel(out)
}

// chips are the filters in force, each with the list without it. A unit or worker
// that the reader is offered nowhere is not named here either.
func (v *visit) chips(filters []Filter, values url.Values) []Chip {
	var out []Chip
	for _, f := range listFilters {
		value := values.Get(f.name)
		if value == "" {
			continue
		}
		rest := url.Values{}
		for k, x := range values {
			if k != f.name {
				rest[k] = x
			}
		}
		label := value
		if f.name == "unit" || f.name == "worker" {
			label = v.l.T("filter.unnamed")
		}
		for _, one := range filters {
			for _, o := range one.Options {
				if one.Name == f.name && o.Value == value {
					label = o.Label
				}
			}
		}
		out = append(out, Chip{Name: f.name, Label: label, Href: childrenLink(rest)})
	}
	return out
}
