package casework_test

import (
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/sealed"

	"github.com/google/go-cmp/cmp"
)

// What a file said is read as far as its reader may read the sections that it belongs
// to: on the child's page, on the timeline and in an export.
func TestSourceOfACaseKeepsToSections(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		fill(t, o.Office, o.room, trialForm)
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		id := o.register(t, worker)
		source := casework.Source{Profile: "htcds-2.0", On: "2026-03-01"}
		for _, cell := range [][2]string{
			{"given", "given_name;0;"},
			{"wish", "answer/trial.wishes;0;"},
			{"view", "answer/trial.opinion;0;"},
			{"gone", "answer/trial.retired;0;"},
			{"elsewhere", "answer/other.opinion;0;"},
			{"extension", "keep;0;"},
			{"sub_form", "entries/need.services_section;0;"},
			{"left_out", "skip;0;"},
			{"unclear", ""},
		} {
			source.Names, source.Taken = append(source.Names, cell[0]), append(source.Taken, cell[1])
			source.Values = append(source.Values, sealed.NewText("What it said of "+cell[0]+"."))
		}
		if err := o.room.KeepSource(ctx, worker, command(), id, source); err != nil {
			t.Fatal(err)
		}
		for name, tt := range map[string]struct {
			reader *access.Caller
			want   []string
		}{
			"who reads every section": {boss, source.Names},
			"who reads some sections": {worker, []string{"given", "wish"}},
		} {
			records, err := o.room.Records(ctx, tt.reader, id, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			child, err := o.room.Open(ctx, tt.reader, id)
			if err != nil {
				t.Fatal(err)
			}
			line, err := o.room.ReadTimeline(ctx, tt.reader, id, casework.Slice{Kind: casework.KindImported})
			if err != nil || len(line.Events) != 1 {
				t.Fatalf("timeline: %+v, %v", line, err)
			}
			past, err := o.room.OpenPast(ctx, tt.reader, id, o.Clock.Now().AddDate(0, 0, 1))
			if err != nil {
				t.Fatal(err)
			}
			for where, s := range map[string]*casework.Source{
				"page": child.ImportedFrom(""), "export": records.ImportedFrom("htcds-2.0"), "timeline": line.Events[0].Source, "past": past.ImportedFrom(""),
			} {
				if diff := cmp.Diff(tt.want, s.Names); diff != "" || s.Hidden != (len(tt.want) < len(source.Names)) {
					t.Errorf("%s, %s (-want +got), says that some is hidden: %v\n%s", name, where, s.Hidden, diff)
				}
				if i := slices.Index(s.Names, "wish"); s.Values[i].Reveal() != "What it said of wish." || s.For(i) != "answer/trial.wishes" {
					t.Errorf("%s, %s: the value of a field is %q, taken for %q", name, where, s.Values[i].Reveal(), s.For(i))
				}
			}
		}
	})
}
