package casework

import (
	"slices"
	"strings"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

// The parts of the record that can be withheld wherever they are written (code list
// disclosure_part).
const (
	PartWhereabouts = "whereabouts" // where the child lives
	PartFamily      = "family"      // the people around the child, and the search for them
	PartHealth      = "health"
)

// RecordParts are the parts of the record that can be withheld from a person or a role.
func RecordParts() []string {
	return []string{PartWhereabouts, PartFamily, PartHealth, pack.PartCareNotes, access.AllDocuments}
}

// Withholds reports whether a part of the record is withheld from the reader: then no
// page says that there is something, or that there is nothing.
func (c *Child) Withholds(part string) bool { return slices.Contains(c.withheld, part) }

// partOfKind names the part of the record that events of a kind belong to.
var partOfKind = map[string]string{
	KindNote: pack.PartCareNotes, KindCorrected: pack.PartCareNotes,
	KindCareAdded: PartWhereabouts, KindCareChanged: PartWhereabouts,
	KindOtherAdded: PartFamily, KindOtherChanged: PartFamily, KindOtherEnded: PartFamily,
	KindTracingAsked: PartFamily, KindTracingStep: PartFamily, KindTracingEnded: PartFamily,
}

// partOfStrand names the part of the record that strands of a kind belong to.
var partOfStrand = map[string]string{StrandCare: PartWhereabouts, StrandPerson: PartFamily, StrandTracing: PartFamily}

// parts returns the names of the parts that an event belongs to, or speaks of.
func (e *Event) parts() []string {
	switch {
	case partOfKind[e.Kind] != "":
		return []string{access.RecordPart(partOfKind[e.Kind])}
	case strings.HasPrefix(e.Kind, "document-") && len(e.Who) == 16:
		return []string{access.DocumentPart(ident.Document(e.Who))}
	case ofWithholding(e.Kind) && e.From != "":
		return []string{e.From}
	}
	return nil
}

// leaveOut leaves out of an opened case what is withheld from its reader, once everything
// was compared with its digests: nothing tells that it was there.
func (c *Child) leaveOut(p *access.Pass) {
	c.withheld = slices.DeleteFunc(RecordParts(), func(part string) bool { return !p.HidesRecord(part) })
	c.Events = leaveOut(c.Events, p, c.May["consent.withheld"])
	c.Strands = slices.DeleteFunc(c.Strands, func(s Strand) bool { return p.HidesRecord(partOfStrand[s.Kind]) })
}

// leaveOut leaves out of opened events what is withheld from the reader of a look, and,
// unless they may know what is withheld, what tells of it.
func leaveOut(events []Event, p *access.Pass, knows bool) []Event {
	if !knows {
		events = slices.DeleteFunc(events, func(e Event) bool { return ofWithholding(e.Kind) })
	}
	if !p.HidesAny() {
		return events
	}
	events = slices.DeleteFunc(events, func(e Event) bool { return slices.ContainsFunc(e.parts(), p.HidesPart) })
	for i := range events {
		if p.HidesRecord(PartWhereabouts) {
			events[i].leaveOutPlace()
		}
		if events[i].Source != nil && slices.ContainsFunc(RecordParts(), p.HidesRecord) { // the file may have said it in other words
			events[i].Source = &Source{Profile: events[i].Source.Profile, On: events[i].Source.On, Hidden: true}
		}
	}
	return events
}

// leaveOutPlace leaves out of an event where the child was brought, or was to sleep.
func (e *Event) leaveOutPlace() {
	if strings.HasPrefix(e.Kind, "act-") || e.Kind == KindFound {
		e.Place, e.Text, e.Told = sealed.Text{}, sealed.Text{}, sealed.Text{}
	}
	if e.Arrival != nil {
		a := *e.Arrival
		a.Bed, a.Transport = sealed.Text{}, sealed.Text{}
		e.Arrival = &a
	}
}

// kindsFor leaves out of the kinds of events those of which the reader sees none.
func kindsFor(kinds []string, p *access.Pass, knows bool) []string {
	return slices.DeleteFunc(kinds, func(kind string) bool {
		return p.HidesRecord(partOfKind[kind]) || strings.HasPrefix(kind, "document-") && p.HidesRecord(access.AllDocuments) ||
			ofWithholding(kind) && (p.HidesAny() || !knows)
	})
}
