package forms_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
)

// shelf is a pack with one form.
type shelf struct {
	lists
	body string
}

func (shelf) Forms() []string      { return []string{"small"} }
func (s shelf) Form(string) []byte { return []byte(s.body) }

// install opens a library over a database, as a start does.
func install(t *testing.T, db *store.DB, body string) (*forms.Library, error) {
	t.Helper()
	lib, err := forms.NewLibrary(shelf{body: body})
	if err != nil {
		t.Fatal(err)
	}
	return lib, db.Write(context.Background(), func(tx *store.Tx) error { return lib.Install(context.Background(), tx) })
}

func TestTheLibraryKeepsEveryVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		first := small(t)
		for range 2 { // every start installs again
			if _, err := install(t, db, first); err != nil {
				t.Fatal(err)
			}
		}
		second := strings.Replace(first, `"version": 1`, `"version": 2`, 1)
		lib, err := install(t, db, strings.Replace(second, `"id": "risk"`, `"id": "danger"`, 1))
		if err != nil {
			t.Fatal(err)
		}
		if f := lib.Form("small", 0); f == nil || f.Version != 2 || f.Field("danger") == nil {
			t.Error("the newest version is not in force")
		}
		if f := lib.Form("small", 1); f == nil || f.Field("risk") == nil {
			t.Error("the version before can no longer be read")
		}
		if n := len(lib.InForce()); n != 1 {
			t.Errorf("%d forms can be begun, want one", n)
		}
		if lib.Form("small", 7) != nil || lib.Form("tall", 0) != nil {
			t.Error("a form that nobody made is there")
		}
		_, err = install(t, db, strings.Replace(first, `"en": "Safe?"`, `"en": "Not safe?"`, 1))
		if !fault.Is(err, fault.Unavailable) || fault.CodeOf(err) != "form-version-changed" {
			t.Errorf("another question under the same version = %v, want the start refused", err)
		}
	})
}

func TestTheLibraryNamesEveryWrongForm(t *testing.T) {
	for name, body := range map[string]string{
		"named after another": strings.Replace(small(t), `"form": "small"`, `"form": "large"`, 1),
		"a node's own number": strings.Replace(small(t), `"version": 1`, `"version": 1000`, 1),
		"wrong inside":        strings.Replace(small(t), `"kind": "phone"`, `"kind": "fax"`, 1),
	} {
		_, err := forms.NewLibrary(shelf{body: body})
		if err == nil || !strings.Contains(err.Error(), "forms/small.json") || errors.Unwrap(err) == nil {
			t.Errorf("%s = %v, want a refusal that names the file", name, err)
		}
	}
}

func TestChangesNameTheAnswer(t *testing.T) {
	f := parse(t, small(t))
	from := forms.Answers{"on": day(t, "2026-03-01"), "members": group(forms.Answers{"years_old": number(9)})}
	to := forms.Answers{"on": day(t, "2026-03-01"), "safe_now": code("no"), "members": group(forms.Answers{"years_old": number(10)}, forms.Answers{"school": code("yes")})}
	var got []string
	for _, c := range forms.Changes(f, from, to) {
		got = append(got, c.Field.ID)
	}
	if s := strings.Join(got, " "); s != "safe_now years_old school" {
		t.Errorf("changed = %s, want safe_now years_old school", s)
	}
	if n := len(forms.Changes(f, to, to)); n != 0 {
		t.Errorf("%d changes between the same answers", n)
	}
}
