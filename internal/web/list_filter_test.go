package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/staff"
	"causeway/internal/store"
)

// TestManyWorkersAreNamedByUnit has an organisation grow: as long as few people
// lead cases the list's filter names all of them, then those of a chosen unit.
func TestManyWorkersAreNamedByUnit(t *testing.T) {
	if testing.Short() {
		t.Skip("the demo's node takes some seconds")
	}
	r, err := makeRig(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.srv.Close()
		if err := r.node.Close(); err != nil {
			t.Error(err)
		}
	})
	boss := r.signedIn(t, access.RoleSupervisor)
	hint := locale.Get("en").T("filter.worker.by-unit")
	if before := boss.get("/children"); before.status != http.StatusOK || strings.Contains(before.body, hint) {
		t.Fatalf("few workers: status %d, hint shown: %v", before.status, strings.Contains(before.body, hint))
	}

	var unit ident.Unit
	err = r.node.DB.Write(t.Context(), func(tx *store.Tx) (err error) {
		d, err := r.node.Office.Directory(t.Context())
		if err != nil {
			return err
		}
		if unit, err = r.node.Office.CreateUnit(t.Context(), tx, staff.Shell(), d.Units()[0].ID, "Far Coast"); err != nil {
			return err
		}
		for i := range 101 {
			_, err := r.node.Office.Create(t.Context(), tx, staff.Shell(), staff.NewAccount{
				SignIn: staff.Secret(fmt.Sprintf("coast.%d", i)), Name: staff.Secret(fmt.Sprintf("Coast Worker %d", i)),
				Unit: unit, Role: access.RoleCaseWorker, Language: "en",
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/children": 0, "/children?unit=" + unit.String(): 101} {
		page := boss.get(path)
		if n := strings.Count(page.body, ">Coast Worker "); n != want || !strings.Contains(page.body, hint) {
			t.Errorf("%s names %d workers, want %d; hint shown: %v", path, n, want, strings.Contains(page.body, hint))
		}
	}
}
