package forms_test

import (
	"strings"
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// desk is an editor over the pack's forms.
func desk(t *testing.T, o *accesstest.Office) (*forms.Editor, *forms.Library) {
	t.Helper()
	lib, err := forms.NewLibrary(o.Pack)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.DB.Write(t.Context(), func(tx *store.Tx) error { return lib.Install(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
	return forms.NewEditor(o.Gate, lib), lib
}

func command() ident.Command { return ident.New[ident.Command]() }

// visitBody is the pack's form of a visit under another English title.
func visitBody(t *testing.T, lib *forms.Library, title string) []byte {
	t.Helper()
	p := lib.Form("visit", 0).Plain()
	words := forms.Words{}
	for lang, text := range p.Title {
		words[lang] = text
	}
	words["en"] = title
	p.Title = words
	b, err := p.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestADraftIsPublishedAndRetired(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		edit, lib := desk(t, o)
		head := o.Person(access.RoleSupervisor, o.Head)
		first, err := edit.Draft(t.Context(), head, command(), visitBody(t, lib, "First"), 0)
		if err != nil {
			t.Fatal(err)
		}
		if first.Form.Version != forms.FirstOwn || first.State != forms.Draft || lib.Form("visit", 0).Version >= forms.FirstOwn {
			t.Errorf("draft = version %d, %s; in force is %d", first.Form.Version, first.State, lib.Form("visit", 0).Version)
		}
		second, err := edit.Draft(t.Context(), head, command(), visitBody(t, lib, "Second"), first.Edition)
		if err != nil {
			t.Fatal(err)
		}
		if second.Form.Version != first.Form.Version || second.Form.Title.In("en") != "Second" {
			t.Errorf("a changed draft became version %d", second.Form.Version)
		}
		if _, err := edit.Draft(t.Context(), head, command(), visitBody(t, lib, "Third"), first.Edition); !fault.Is(err, fault.Conflict) {
			t.Errorf("an old page changes the draft: %v", err)
		}
		if _, err := edit.Publish(t.Context(), head, command(), "visit", second.Form.Version, first.Edition); !fault.Is(err, fault.Conflict) {
			t.Errorf("what nobody has seen is published: %v", err)
		}
		cmd := command()
		for range 2 { // a form sent twice is carried out once
			if _, err := edit.Publish(t.Context(), head, cmd, "visit", second.Form.Version, second.Edition); err != nil {
				t.Fatal(err)
			}
		}
		if f := lib.Form("visit", 0); f.Title.In("en") != "Second" {
			t.Errorf("in force is %q", f.Title.In("en"))
		}
		now, _ := lib.Version("visit", second.Form.Version)
		if _, err := edit.Retire(t.Context(), head, command(), "visit", second.Form.Version, now.Edition); err != nil {
			t.Fatal(err)
		}
		if f := lib.Form("visit", 0); f.Version >= forms.FirstOwn {
			t.Errorf("a retired version is in force: %d", f.Version)
		}
		if f := lib.Form("visit", second.Form.Version); f == nil {
			t.Error("a retired version cannot be read any more")
		}
		again, err := forms.NewLibrary(o.Pack) // another instance, or the next start
		if err != nil {
			t.Fatal(err)
		}
		if err := o.DB.Write(t.Context(), func(tx *store.Tx) error { return again.Install(t.Context(), tx) }); err != nil {
			t.Fatal(err)
		}
		if v, ok := again.Version("visit", second.Form.Version); !ok || v.State != forms.Retired || v.Form.Title.In("en") != "Second" {
			t.Errorf("after a start the version is %v, %q", ok, v.State)
		}
	})
}

func TestWhoMayChangeForms(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		edit, lib := desk(t, o)
		body := visitBody(t, lib, "Mine")
		for who, c := range map[string]*access.Caller{
			"a supervisor of one unit": o.Person(access.RoleSupervisor, o.North),
			"a case worker":            o.Person(access.RoleCaseWorker, o.Head),
			"a node operator":          o.Person(access.RoleNodeOperator, o.Head),
			"an auditor":               o.Person(access.RoleAuditor, o.Head),
			"nobody":                   nil,
		} {
			if _, err := edit.Draft(t.Context(), c, command(), body, 0); err == nil {
				t.Errorf("%s drafts a form", who)
			}
		}
		head := o.Person(access.RoleSupervisor, o.Head)
		v, err := edit.Draft(t.Context(), head, command(), body, 0)
		if err != nil {
			t.Fatal(err)
		}
		stale := o.As(access.Signed{Staff: head.Staff(), Role: access.RoleSupervisor, Unit: o.Head, FreshAt: o.Clock.Now().Add(-1 << 40)})
		if _, err := edit.Publish(t.Context(), stale, command(), "visit", v.Form.Version, v.Edition); fault.CodeOf(err) != "fresh-check" {
			t.Errorf("published without a fresh check: %v", err)
		}
	})
}

func TestAWrongDraftIsRefusedWhole(t *testing.T) {
	o := accesstest.New(t)
	edit, lib := desk(t, o)
	body := strings.Replace(string(visitBody(t, lib, "Wrong")), `"kind": "date"`, `"kind": "someday"`, 1)
	_, err := edit.Draft(t.Context(), o.Person(access.RoleSupervisor, o.Head), command(), []byte(body), 0)
	if fault.CodeOf(err) != "form-wrong" || len(forms.Faults(err)) == 0 {
		t.Errorf("got %v, want form-wrong with its places", err)
	}
	if n := len(lib.Versions("visit")); n != 1 {
		t.Errorf("%d versions are kept, want the pack's alone", n)
	}
}
