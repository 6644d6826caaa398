package staff_test

import (
	"testing"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/staff"
	"causeway/internal/store"
)

// TestConduct: everybody signs the version in force once, with an entry; a new version is
// signed anew.
func TestConduct(t *testing.T) {
	each(t, func(w *world) {
		id := w.worker("amal", ident.Staff{})
		in := w.signIn("amal")
		signed := func(o *staff.Office) bool {
			w.t.Helper()
			d, err := o.Directory(w.ctx)
			if err != nil {
				w.t.Fatal(err)
			}
			_, ok := d.Signed(id)
			return ok
		}
		if signed(w.office) {
			w.t.Error("signed before anything was read")
		}
		want(w.t, w.office.SignConduct(w.ctx, in.Session, "0", "en"), fault.Conflict, "changed-meanwhile")
		wantField(w.t, w.office.SignConduct(w.ctx, in.Session, "1", "xx"), "language", "unknown")
		for range 2 {
			if err := w.office.SignConduct(w.ctx, in.Session, "1", "fr"); err != nil {
				w.t.Fatal(err)
			}
		}
		if e := w.log.find(journal.Decide, "staff.conduct", "ok"); !signed(w.office) || len(e) != 1 || e[0].Actor != id {
			w.t.Errorf("signed %v with %d entries", signed(w.office), len(e))
		}
		cfg := config()
		cfg.Conduct = "2"
		next := w.newOffice(cfg)
		if signed(next) {
			w.t.Error("a new version counts as signed")
		}
		if cfg.Conduct = ""; !signed(w.newOffice(cfg)) {
			w.t.Error("without a code of conduct somebody has to sign")
		}
		w.write(func(tx *store.Tx) error { return next.SignedOnPaper(w.ctx, tx, staff.Shell(), id, "en") })
		if !signed(next) {
			w.t.Error("what was signed on paper does not count")
		}
		want(w.t, w.try(func(tx *store.Tx) error { return next.SignedOnPaper(w.ctx, tx, in.Session.By(), id, "en") }), fault.Denied, "no-actor")
		w.write(func(tx *store.Tx) error {
			_, err := tx.Exec(w.ctx, "UPDATE staff_conduct SET language = 'ar'")
			return err
		})
		if _, err := w.newOffice(config()).Directory(w.ctx); fault.CodeOf(err) != "staff-row-altered" {
			w.t.Errorf("got %v, want the alteration found", err)
		}
	})
}
