package casework_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/consent"
	"causeway/internal/deadline"
	"causeway/internal/document"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/match"
	"causeway/internal/oversight"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/internal/store"

	"github.com/google/go-cmp/cmp"
)

// reconcile compares the rows with the journal.
func (o *office) reconcile(t *testing.T) *journal.Reconciliation {
	t.Helper()
	if _, err := o.Journal.Sequence(ctx); err != nil {
		t.Fatal(err)
	}
	var out *journal.Reconciliation
	err := o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		out, err = journal.Reconcile(ctx, tx, journal.ReconcileOptions{
			Keys: o.Custody, Clock: o.Clock,
			Rooms: []journal.Rows{access.Reconciled{}, casework.Reconciled{}, document.Reconciled{}, deadline.Reconciled{}, forms.Reconciled{}, consent.Reconciled{}},
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// count counts the rows of a table that refer to a case.
func (o *office) count(t *testing.T, query string, id ident.Case) int {
	t.Helper()
	var n int
	err := o.DB.Read(ctx, func(tx *store.Tx) error { return tx.QueryRow(ctx, query, id).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// left counts the rows of a case in every table of the erasure list.
var left = map[string]string{
	"access_reach":     "SELECT COUNT(*) FROM access_reach WHERE case_id = $1",
	"access_permit":    "SELECT COUNT(*) FROM access_permit WHERE case_id = $1",
	"access_part":      "SELECT COUNT(*) FROM access_part WHERE case_id = $1",
	"access_glass":     "SELECT COUNT(*) FROM access_glass WHERE case_id = $1",
	"access_withhold":  "SELECT COUNT(*) FROM access_withhold WHERE case_id = $1",
	"keys_subject":     "SELECT COUNT(*) FROM keys_subject WHERE subject = $1",
	"person_person":    "SELECT COUNT(*) FROM person_person WHERE subject = $1",
	"person_search":    "SELECT COUNT(*) FROM person_search WHERE case_id = $1",
	"person_former":    "SELECT COUNT(*) FROM person_former WHERE subject = $1",
	"casework_case":    "SELECT COUNT(*) FROM casework_case WHERE id = $1",
	"casework_event":   "SELECT COUNT(*) FROM casework_event WHERE case_id = $1",
	"casework_status":  "SELECT COUNT(*) FROM casework_status WHERE case_id = $1",
	"casework_act":     "SELECT COUNT(*) FROM casework_act WHERE case_id = $1",
	"casework_missing": "SELECT COUNT(*) FROM casework_missing WHERE case_id = $1",
	"casework_check":   "SELECT COUNT(*) FROM casework_check WHERE case_id = $1",
	"casework_flag":    "SELECT COUNT(*) FROM casework_flag WHERE case_id = $1",
	"casework_task":    "SELECT COUNT(*) FROM casework_task WHERE case_id = $1",
	"casework_need":    "SELECT COUNT(*) FROM casework_need WHERE case_id = $1",
	"casework_strand":  "SELECT COUNT(*) FROM casework_strand WHERE case_id = $1",
	"deadline_due":     "SELECT COUNT(*) FROM deadline_due WHERE case_id = $1",
	"deadline_step":    "SELECT COUNT(*) FROM deadline_step WHERE case_id = $1",

	"referral_thread":      "SELECT COUNT(*) FROM referral_thread WHERE case_id = $1",
	"referral_destination": "SELECT COUNT(*) FROM referral_destination WHERE case_id = $1",
	"referral_claim":       "SELECT COUNT(*) FROM referral_claim WHERE case_id = $1",
	"referral_booking":     "SELECT COUNT(*) FROM referral_booking WHERE case_id = $1",
	"referral_abroad":      "SELECT COUNT(*) FROM referral_abroad WHERE case_id = $1",
	"referral_term":        "SELECT COUNT(*) FROM referral_term WHERE case_id = $1",
	"referral_back":        "SELECT COUNT(*) FROM referral_back WHERE case_id = $1",
	"referral_protection":  "SELECT COUNT(*) FROM referral_protection WHERE case_id = $1",
	"oversight_words":      "SELECT COUNT(*) FROM oversight_words WHERE case_id = $1",
	"referral_step":        "SELECT COUNT(*) FROM referral_step WHERE case_id = $1",
	"casework_erasure":     "SELECT COUNT(*) FROM casework_erasure WHERE case_id = $1",
	"casework_retention":   "SELECT COUNT(*) FROM casework_retention WHERE case_id = $1",
	"casework_request":     "SELECT COUNT(*) FROM casework_request WHERE case_id = $1",
	"casework_hold":        "SELECT COUNT(*) FROM casework_hold WHERE case_id = $1",

	"casework_pair":     "SELECT COUNT(*) FROM casework_pair WHERE case_id = $1 OR other_id = $1",
	"casework_approval": "SELECT COUNT(*) FROM casework_approval WHERE case_id = $1",

	"consent_privileged": "SELECT COUNT(*) FROM consent_privileged WHERE case_id = $1",

	"match_entry":    "SELECT COUNT(*) FROM match_entry WHERE case_id = $1",
	"match_question": "SELECT COUNT(*) FROM match_question WHERE case_id = $1",
	"match_asked":    "SELECT COUNT(*) FROM match_asked WHERE case_id = $1",
	"match_answer":   "SELECT COUNT(*) FROM match_answer WHERE case_id = $1",

	"consent_record": "SELECT COUNT(*) FROM consent_record WHERE case_id = $1",

	"referral_disclosure": "SELECT COUNT(*) FROM referral_disclosure WHERE case_id = $1",
	"referral_mark":       "SELECT COUNT(*) FROM referral_mark WHERE case_id = $1",
	"referral_member":     "SELECT COUNT(*) FROM referral_member WHERE case_id = $1",
	"referral_request":    "SELECT COUNT(*) FROM referral_request WHERE case_id = $1",

	"forms_revision": "SELECT COUNT(*) FROM forms_revision WHERE case_id = $1",

	"document_document": "SELECT COUNT(*) FROM document_document WHERE case_id = $1",
	"document_upload":   "SELECT COUNT(*) FROM document_upload WHERE case_id = $1",
	"document_chunk":    "SELECT COUNT(*) FROM document_chunk WHERE document_id = $1",
	"document_piece":    "SELECT COUNT(*) FROM document_piece WHERE upload_id = $1",
}

const keep = 90 * 24 * time.Hour // the pack's check_keep

func TestAnUnregisteredCheckExpires(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		note := &destroyed{}
		o.Gate.Restrict(note)
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.makeCheck(t, worker, o.answered("street", "set_sum"))
		if err := o.room.AddNote(ctx, worker, command(), id, casework.Note{Kind: "other", Seen: sealed.NewText("Calm.")}); err != nil {
			t.Fatal(err)
		}
		if err := o.room.Withhold(ctx, worker, command(), id, ident.New[ident.Staff](), sealed.NewText("kin")); err != nil {
			t.Fatal(err)
		}
		if n, err := o.room.ExpireChecks(ctx); err != nil || n != 0 {
			t.Fatalf("expired %d, %v before its time", n, err)
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Fatalf("before: %+v", r.Findings)
		}
		o.Clock.Advance(keep + time.Minute)
		if n, err := o.room.ExpireChecks(ctx); err != nil || n != 1 {
			t.Fatalf("expired %d, %v, want 1", n, err)
		}
		for table, query := range left {
			if n := o.count(t, query, id); n != 0 {
				t.Errorf("%s: %d rows are left", table, n)
			}
		}
		if _, err := o.room.CheckResult(ctx, o.As(access.Signed{Staff: worker.Staff(), Role: worker.Role(), Unit: o.North}), id); !fault.Is(err, fault.NotFound) {
			t.Errorf("an erased check is opened: %v", err)
		}
		entries := o.Entries(t)
		tombstone := slices.IndexFunc(entries, func(h *journal.Header) bool { return h.What == "check.expire" })
		if tombstone < 0 || entries[tombstone].Action != journal.Erase || entries[tombstone].Outcome != journal.OK ||
			string(entries[tombstone].Subjects[0]) != string(id[:]) {
			t.Fatalf("no tombstone for the case among %d entries", len(entries))
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("after: %+v", r.Findings)
		}
		report, err := journal.Verify(ctx, journal.FromDatabase(o.DB), journal.Options{}, nil)
		if err != nil || report.Erased != 1 {
			t.Errorf("verify: %+v, %v", report, err)
		}
		for _, f := range report.Findings {
			if f.Check != "no-key" { // nobody signs in this office
				t.Errorf("verify: %+v", f)
			}
		}
		if diff := cmp.Diff([]ident.Subject{ident.SubjectOf(id)}, note.subjects); diff != "" {
			t.Errorf("restrictions that took note (-want +got):\n%s", diff)
		}
		if all, err := o.room.Tombstones(ctx, o.DB); err != nil || !slices.Equal(all, []ident.Case{id}) {
			t.Errorf("tombstones = %v, %v, want the case", all, err)
		}
		if n, err := o.room.ExpireChecks(ctx); err != nil || n != 0 {
			t.Errorf("expired again: %d, %v", n, err)
		}
	})
}

// destroyed takes note of what was destroyed.
type destroyed struct{ subjects []ident.Subject }

func (d *destroyed) Withheld(ident.Case, [16]byte) {}
func (d *destroyed) Lifted(ident.Case, [16]byte)   {}

func (d *destroyed) Withdrawn(ident.Case, [16]byte) {}
func (d *destroyed) Blocked(ident.Staff, bool)      {}
func (d *destroyed) Destroyed(s ident.Subject)      { d.subjects = append(d.subjects, s) }

func TestWhatDoesNotExpire(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		registered := o.makeCheck(t, worker, o.answered("street", "set_sum"))
		page, err := o.room.CheckResult(ctx, worker, registered)
		if err != nil {
			t.Fatal(err)
		}
		if err := o.room.RegisterCheck(ctx, worker, command(), registered, page.Version, girl()); err != nil {
			t.Fatal(err)
		}
		in := o.answered("street", "set_sum")
		in.HandOver = true
		waiting := o.makeCheck(t, worker, in)
		busy := o.makeCheck(t, worker, o.answered("street"))
		ordinary := o.register(t, worker)
		o.Clock.Advance(keep + time.Minute)
		again := o.As(access.Signed{Staff: worker.Staff(), Role: worker.Role(), Unit: o.North})
		if err := o.room.AddNote(ctx, again, command(), busy, casework.Note{Kind: "other", Seen: sealed.NewText("Calm.")}); err != nil {
			t.Fatal(err)
		}
		if n, err := o.room.ExpireChecks(ctx); err != nil || n != 0 {
			t.Errorf("expired %d, %v, want none", n, err)
		}
		for name, id := range map[string]ident.Case{"a registered child": registered, "a check that waits": waiting, "a check somebody works on": busy, "a case": ordinary} {
			if n := o.count(t, left["casework_case"], id); n != 1 {
				t.Errorf("%s was erased", name)
			}
		}
	})
}

func TestOnlyTheJobErases(t *testing.T) {
	o := open(t, accesstest.New(t))
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := o.makeCheck(t, worker, o.answered("street"))
	erase := func(c *access.Caller, action string) error {
		_, err := o.Gate.Do(ctx, c, access.Act{Action: action, Purpose: "maintenance", Case: id}, func(p *access.Pass) (string, error) {
			return "", p.Erase(ctx)
		})
		return err
	}
	for name, err := range map[string]error{
		"a worker":            erase(worker, "check.expire"),
		"a supervisor":        erase(o.Person(access.RoleSupervisor, o.North), "check.expire"),
		"another job":         erase(o.Gate.Job("rewrap"), "check.expire"),
		"another act":         erase(worker, "check.handover"),
		"the job, as a wider": erase(o.Gate.Job("expire-checks"), "case.note"),
	} {
		if err == nil {
			t.Errorf("%s erased a case", name)
		}
	}
	if n := o.count(t, left["keys_subject"], id); n != 1 {
		t.Error("the key is gone")
	}
}

// keptTables refer to a case and are kept when it is erased, each for a reason.
var keptTables = map[string]string{
	"journal_subject":    "the journal is evidence and names random identifiers",
	"journal_chain":      "the journal is evidence and names random identifiers",
	"casework_tombstone": "says that the case was erased",
	"staff_subject":      "who staff are where they sign in elsewhere",
	"casework_erased":    "says who tells the child until when a backup may hold it",
}

// TestErasureListIsComplete finds tables that refer to a case and are not erased.
func TestErasureListIsComplete(t *testing.T) {
	o := open(t, accesstest.New(t))
	listed := slices.Concat(access.ErasedTables(), casework.ErasedTables(), referral.ErasedTables(), referral.CircleTables(), oversight.ErasedTables(), match.ErasedTables())
	for _, table := range slices.Sorted(tablesOfCases(t, o.DB)) {
		if _, kept := keptTables[table]; !kept && !slices.Contains(listed, table) {
			t.Errorf("table %s refers to a case and stands in no erasure list", table)
		}
	}
	for _, table := range listed {
		if _, counted := left[table]; !counted {
			t.Errorf("table %s is erased, and no test counts what is left there", table)
		}
	}
}

// tablesOfCases gives the tables whose columns can hold a case's identifier: those
// named after it, and the cases themselves.
func tablesOfCases(t *testing.T, db *store.DB) func(func(string) bool) {
	t.Helper()
	found := map[string]bool{"casework_case": true}
	tables, err := db.Tables()
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		for _, c := range table.Columns {
			if c.Name == "case_id" || c.Name == "subject" || strings.HasSuffix(c.Name, "_case") {
				found[table.Name] = true
			}
		}
	}
	return func(yield func(string) bool) {
		for table := range found {
			if !yield(table) {
				return
			}
		}
	}
}

// TestARestoredBackupLosesTheCaseAgain erases as the restore does, from the
// restrictions file, in a database that knows nothing of the erasure.
func TestARestoredBackupLosesTheCaseAgain(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id := o.makeCheck(t, o.Person(access.RoleCaseWorker, o.North), o.answered("street", "set_sum"))
		again := func() error {
			return o.DB.Write(ctx, func(tx *store.Tx) error {
				return access.EraseAgain(ctx, tx, o.Custody, o.Journal, id, casework.EraseRows)
			})
		}
		if err := again(); err != nil {
			t.Fatal(err)
		}
		for table, query := range left {
			if n := o.count(t, query, id); n != 0 {
				t.Errorf("%s: %d rows are left", table, n)
			}
		}
		if r := o.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconcile: %+v", r.Findings)
		}
		if err := again(); !fault.Is(err, fault.NotFound) {
			t.Errorf("erased a second time: %v, want not found", err)
		}
	})
}
