package pack_test

import (
	"bytes"
	"errors"
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/pack"
	"causeway/packs"
)

func demo(t *testing.T) *pack.Pack {
	t.Helper()
	p, err := pack.Demo()
	if err != nil {
		t.Fatalf("load the demo pack: %v", err)
	}
	return p
}

// base returns a copy of the default pack's files, to be spoilt by a test.
func base(t *testing.T) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(packs.Default(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(packs.Default(), name)
		out[name] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func over(files map[string]string) fstest.MapFS {
	out := fstest.MapFS{"pack.csv": {Data: []byte("key,value\nname,test\nversion,7\nlanguages,en fr ar\n")}}
	for name, text := range files {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

func TestEmbeddedPacksLoad(t *testing.T) {
	p, err := pack.Default()
	if err != nil {
		t.Fatalf("load the default pack: %v", err)
	}
	if got, want := p.Version(), "default-1"; got != want {
		t.Errorf("version = %q, want %q", got, want)
	}
	if diff := cmp.Diff(p.Codes(pack.Regions), []string{"unknown"}); diff != "" {
		t.Errorf("regions of the neutral pack (-got +want):\n%s", diff)
	}
	d := demo(t)
	if got, want := d.Version(), "default-1+demo-1"; got != want {
		t.Errorf("version = %q, want %q", got, want)
	}
	if p.Digest() == d.Digest() {
		t.Error("two different packs have the same digest")
	}
	if again := demo(t); again.Digest() != d.Digest() {
		t.Error("the same pack has two digests")
	}
}

func TestAFolderLaidOverAddsAndReplaces(t *testing.T) {
	p, err := pack.Default(over(map[string]string{
		"lists/region.csv": "code,parent,en,fr,ar,source,confidence\n" +
			"KEN-01,KEN,Coast,Côte,الساحل,invented for this test,house choice\n",
		"lists/close_reason.csv": "code,en,fr,ar,source,confidence\n" +
			"other,Something else,Autre chose,شيء آخر,invented for this test,house choice\n",
		"clocks.csv": "name,value,unit,en,fr,ar,source,confidence,checked\n" +
			"next_contact_high,3,days,a,b,c,invented for this test,law,yes\n",
	}))
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Parent(pack.Regions, "KEN-01"); got != "KEN" {
		t.Errorf("parent = %q, want KEN", got)
	}
	if got := p.Label(pack.CloseReasons, "other", "en"); got != "Something else" {
		t.Errorf("label = %q, want the upper folder's", got)
	}
	if got := p.Label(pack.CloseReasons, "goals_met", "en"); !strings.Contains(got, "Goals") {
		t.Errorf("label = %q, want the lower folder's", got)
	}
	want := []any{3, pack.Law, true, "b"}
	c := p.Clock(pack.NextContactHigh)
	if diff := cmp.Diff([]any{c.Value, c.Confidence, c.Checked, c.Label("fr")}, want); diff != "" {
		t.Errorf("clock (-got +want):\n%s", diff)
	}
	if _, conf := p.Source(pack.Regions, "KEN-01"); conf != pack.HouseChoice {
		t.Errorf("confidence = %q", conf)
	}
}

// Each case spoils one thing in a sound pack; the load must fail and say where.
func TestFaultsAreNamedByFileLineAndColumn(t *testing.T) {
	edit := func(name, old, new string) func(fstest.MapFS) {
		return func(f fstest.MapFS) {
			text := string(f[name].Data)
			if !strings.Contains(text, old) {
				panic("the test's text is not in " + name)
			}
			f[name] = &fstest.MapFile{Data: []byte(strings.Replace(text, old, new, 1))}
		}
	}
	set := func(name, text string) func(fstest.MapFS) {
		return func(f fstest.MapFS) { f[name] = &fstest.MapFile{Data: []byte(text)} }
	}
	remove := func(name string) func(fstest.MapFS) { return func(f fstest.MapFS) { delete(f, name) } }
	tests := []struct {
		name  string
		spoil func(fstest.MapFS)
		want  string
	}{
		{"no manifest", remove("pack.csv"), "pack.csv: cannot be read"},
		{"manifest without a version", set("pack.csv", "key,value\nname,x\nlanguages,en\n"), "pack.csv: must say version"},
		{"manifest with a stranger", set("pack.csv", "key,value\nname,x\nversion,1\nlanguages,en fr ar\nroot,yes\n"), "pack.csv:5:1: unknown key"},
		{"no list", remove("lists/stage.csv"), "lists/stage.csv: is missing"},
		{"an empty file", set("lists/risk.csv", ""), "lists/risk.csv:1:1: is empty"},
		{"a list nobody uses", set("lists/regions.csv", "code\n"), "lists/regions.csv: no list of this name is used"},
		{"a column is missing", edit("lists/risk.csv", "code,en,fr,ar,", "code,en,fr,xx,"), "lists/risk.csv:1:12: unknown column"},
		{"a column twice", edit("lists/risk.csv", "code,en,fr,ar,", "code,en,fr,fr,"), "lists/risk.csv:1:12: column stands there twice"},
		{"a label is missing", edit("lists/risk.csv", "high,High", "high,"), "lists/risk.csv:2:6: a label is missing"},
		{"a field too few", edit("lists/risk.csv", "high,High,", "high,"), "lists/risk.csv:2:1: wrong number of fields"},
		{"a quote that never ends", edit("lists/risk.csv", "high,High", "high,\"High"), "lists/risk.csv:"},
		{"a code twice", edit("lists/risk.csv", "medium,", "high,"), "lists/risk.csv:3:1: this code stands there twice"},
		{"a code with a space", edit("lists/note_kind.csv", "home_visit,", "home visit,"), "lists/note_kind.csv:3:1: a code is"},
		{"a code that would be a formula", edit("lists/note_kind.csv", "home_visit,", "-home,"), "lists/note_kind.csv:3:1: a code is"},
		{"a code the program must have", edit("lists/close_reason.csv", "unreachable,", "gone,"), "must have the code unreachable"},
		{"a stage the program cannot know", edit("lists/stage.csv", "screened,Screened", "x1,One,Un,واحد,here,law\nscreened,Screened"), "lists/stage.csv:2:1: the program does not know this code"},
		{"no source", edit("lists/certainty.csv", ",ours,", ",,"), "must say where this comes from"},
		{"no known confidence", edit("lists/certainty.csv", "house choice", "certain"), "lists/certainty.csv:2:"},
		{"direction marks", edit("lists/risk.csv", "high,High", "high,\u202eHigh"), "lists/risk.csv:2:6: has an invisible character"},
		{"a line break in a label", edit("lists/risk.csv", "high,High", "high,\"Hi\ngh\""), "lists/risk.csv:2:6: has an invisible character"},
		{"not UTF-8", edit("lists/risk.csv", "high,High", "high,H\xffgh"), "lists/risk.csv:2:6: is not UTF-8"},
		{"space at an end", edit("lists/risk.csv", "high,High", "high, High"), "lists/risk.csv:2:6: has space at an end"},
		{"an alias of two codes", edit("lists/sex_recorded.csv", "m;boy;man", "m;girl"), "an alias is also a code or alias of another row"},
		{"an age band of its own", edit("lists/age_band.csv", "18+,", "18-20,"), "lists/age_band.csv:6:1: the program does not know this code"},
		{"a region of no country", edit("lists/region.csv", "unknown,", "A-1,ZZZ,a,b,c,,d,law\nunknown,"), "lists/region.csv:2:1: the parent is not in the list nationality"},
		{"a clock is missing", edit("clocks.csv", "session_idle,", "session_absolute2,"), "clocks.csv:13:1: no clock of this name is used"},
		{"no clocks at all", remove("clocks.csv"), "clocks.csv: cannot be read"},
		{"a value that is no number", edit("clocks.csv", "session_idle,30", "session_idle,half"), "clocks.csv:13:14: must be a whole number"},
		{"a session that never ends", edit("clocks.csv", "session_idle,30", "session_idle,3000"), "clocks.csv:13:14: is outside what the program allows"},
		{"zero", edit("clocks.csv", "invitation,24", "invitation,0"), "must be a whole number from 1"},
		{"childhood that ends early", edit("clocks.csv", "child_age,18", "child_age,16"), "clocks.csv:2:11: is outside what the program allows"},
		{"a count in minutes", edit("clocks.csv", "sign_in_tries,5,count", "sign_in_tries,5,minutes"), "this clock cannot be counted in this unit"},
		{"high risk waits longer than low", edit("clocks.csv", "next_contact_medium,14", "next_contact_medium,60"), "must not be longer than next_contact_low"},
		{"no policies", func(files fstest.MapFS) {
			maps.DeleteFunc(files, func(name string, _ *fstest.MapFile) bool { return strings.HasPrefix(name, "policies/") })
		}, "policies: has no file that can be read"},
		{"empty policies", set("policies/oversight.cedar", "// nothing\n"), "policies/oversight.cedar:1:1: has no policy"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := base(t)
			tt.spoil(files)
			p, err := pack.Load(files)
			if err == nil {
				t.Fatal("a spoilt pack was loaded")
			}
			if p != nil {
				t.Error("a pack came with the error")
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want it to say %q", err, tt.want)
			}
			var e *pack.Error
			if !errors.As(err, &e) {
				t.Error("the error holds no *pack.Error")
			}
		})
	}
}

func TestEveryFaultIsReportedAtOnce(t *testing.T) {
	files := base(t)
	files["lists/risk.csv"].Data = bytes.Replace(files["lists/risk.csv"].Data, []byte("high,High"), []byte("high,"), 1)
	files["clocks.csv"].Data = bytes.Replace(files["clocks.csv"].Data, []byte("invitation,24"), []byte("invitation,x"), 1)
	_, err := pack.Load(files)
	if err == nil || !strings.Contains(err.Error(), "risk.csv") || !strings.Contains(err.Error(), "clocks.csv") {
		t.Errorf("error = %v, want both faults", err)
	}
}

func TestASpreadsheetsByteOrderMarkIsNoFault(t *testing.T) {
	files := base(t)
	files["lists/risk.csv"].Data = append([]byte("\ufeff"), files["lists/risk.csv"].Data...)
	if _, err := pack.Load(files); err != nil {
		t.Error(err)
	}
}

func TestAFolderInOtherLanguagesIsRefused(t *testing.T) {
	_, err := pack.Default(fstest.MapFS{"pack.csv": {Data: []byte("key,value\nname,x\nversion,1\nlanguages,en\n")}})
	if err == nil || !strings.Contains(err.Error(), "pack.csv:4:11: must be the languages of the pack below") {
		t.Errorf("error = %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	for _, name := range []string{"lists/risk.csv", "clocks.csv", "pack.csv", "policies/casework.cedar", "lists/region.csv"} {
		b, err := fs.ReadFile(packs.Default(), name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(name, b)
	}
	f.Fuzz(func(t *testing.T, name string, b []byte) {
		if !fs.ValidPath(name) || name == "." || strings.HasSuffix(name, "pack.csv/x") {
			return
		}
		laid := over(nil)
		laid[name] = &fstest.MapFile{Data: b}
		p, err := pack.Default(laid)
		if (p == nil) == (err == nil) {
			t.Fatal("want either a pack or an error")
		}
		if p == nil {
			return
		}
		for _, c := range p.Clocks() {
			if c.Value < 1 {
				t.Errorf("clock %s has no length", c.Name)
			}
		}
	})
}
