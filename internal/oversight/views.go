package oversight

import (
	"slices"

	"causeway/internal/journal"
)

// view is a prepared way to read the journal.
type view struct {
	name   string
	filter journal.Filter
}

// views are the prepared ways to read the journal, in the order shown.
var views = []view{
	{"looked", journal.Filter{Actions: []string{journal.Read, journal.List, journal.Print, journal.Export}, About: true, Outcome: journal.OK}},
	{"denials", journal.Filter{Outcome: journal.Denied}},
	{"breakglass", journal.Filter{What: []string{"case.breakglass", "glass."}}},
	{"exports", journal.Filter{Actions: []string{journal.Export, journal.Print}}},
	{"rules", journal.Filter{What: []string{"policy.propose", "policy.drop", "policy.activate", "form.publish"}}},
	{"overrides", journal.Filter{What: []string{"consent.keep", "consent.basis", "consent.approve"}}},
	{"withheld", journal.Filter{What: []string{"case.withhold", "consent.withheld", "consent.disclose"}}},
}

// Views returns the names of the prepared ways to read the journal.
func Views() []string {
	out := make([]string, len(views))
	for i, v := range views {
		out[i] = v.name
	}
	return out
}

// View returns the filter of a prepared way to read the journal, and whether there is one
// of that name.
func View(name string) (journal.Filter, bool) {
	i := slices.IndexFunc(views, func(v view) bool { return v.name == name })
	if i < 0 {
		return journal.Filter{}, false
	}
	return views[i].filter, true
}
