package demo_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/demo"
	"causeway/internal/ident"
	"causeway/internal/node"
	"causeway/internal/staff"
	"causeway/internal/store"
)

func TestDemoTellsEveryStory(t *testing.T) {
	ctx := context.Background()
	start := time.Now()
	n, logins, err := demo.Make(ctx, t.TempDir()+"/node", "http://localhost:1", "127.0.0.1:0", demo.Children, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if len(logins) != 17 {
		t.Errorf("logins = %d, want one of each role and language, and nine of partners", len(logins))
	}
	wholeWay(t, n, logins)
	overseen(t, n)
	alive(t, n)
	size, err := n.Journal.Size(ctx)
	if err != nil || size < demo.Children*3 {
		t.Errorf("journal size = %d, %v", size, err)
	}
	t.Logf("%d entries in %v", size, time.Since(start))
}

// overseen reads what the ombudsperson looks into.
func overseen(t *testing.T, n *node.Node) {
	t.Helper()
	dir, err := n.Office.Directory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	a := dir.People()[slices.IndexFunc(dir.People(), func(a staff.Account) bool { return a.Role == access.RoleOmbudsperson })]
	as := n.Gate.Person(access.Signed{Staff: a.ID, Session: ident.New[ident.Session](), Role: string(a.Role), Unit: a.Unit, Strength: "password"}, "test", "inside")
	if list, err := n.Oversight.Complaints(t.Context(), as); err != nil || len(list) != 3 {
		t.Errorf("%d complaints, %v, want 3", len(list), err)
	}
	if list, err := n.Oversight.Inquiries(t.Context(), as); err != nil || len(list) != 1 {
		t.Errorf("%d inquiries, %v, want one", len(list), err)
	}
}

// wholeWay follows the child whose whole way is told.
func wholeWay(t *testing.T, n *node.Node, logins []demo.Login) {
	t.Helper()
	i := slices.IndexFunc(logins, func(l demo.Login) bool { return l.Follow != "" })
	if i < 0 {
		t.Fatal("nobody is told whose way can be followed")
	}
	dir, err := n.Office.Directory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	boss := dir.People()[slices.IndexFunc(dir.People(), func(a staff.Account) bool {
		u, _ := dir.Unit(a.Unit)
		return a.Role == access.RoleSupervisor && u.Name == logins[i].Unit
	})]
	as := n.Gate.Person(access.Signed{Staff: boss.ID, Session: ident.New[ident.Session](), Role: string(boss.Role), Unit: boss.Unit, Strength: "password"}, "test", "inside")
	row, err := n.Cases.Numbered(t.Context(), as, logins[i].Follow)
	if err != nil {
		t.Fatal(err)
	}
	child, err := n.Cases.Open(t.Context(), as, row.ID)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, e := range child.Events {
		told[e.Kind] = true
	}
	for _, kind := range []string{
		casework.KindScreened, casework.KindHanded, casework.KindAccepted, casework.KindRegistered, casework.KindNote, casework.KindStatus,
		casework.KindRecordFinished, casework.KindStage, casework.KindMissing, casework.KindFound, casework.KindTask, casework.KindFlagged,
	} {
		if !told[kind] {
			t.Errorf("the story does not tell of %q", kind)
		}
	}
	if child.Case.Stage != "followup" {
		t.Errorf("the child is at stage %s, want followup", child.Case.Stage)
	}
}

// alive counts what waits between units for a visitor to see.
func alive(t *testing.T, n *node.Node) {
	t.Helper()
	for what, query := range map[string]string{
		"a child who is expected tonight": `SELECT COUNT(*) FROM referral_thread t JOIN referral_destination d ON d.case_id = t.case_id AND d.thread_id = t.id
			WHERE t.state = 'accepted' AND d.service_id IS NOT NULL`,
		"a child who did not come":         `SELECT COUNT(*) FROM referral_thread WHERE state = 'handed_back' AND reason = 'child_not_there'`,
		"somebody who asks for a case":     `SELECT COUNT(*) FROM referral_claim WHERE state = 'asked'`,
		"an interpreter who is waited for": `SELECT COUNT(*) FROM referral_thread WHERE service = 'interpreter' AND state = 'offered'`,
		"an interpreter who signed":        `SELECT COUNT(*) FROM referral_booking WHERE undertaken`,
		"an interpreter who does not come": `SELECT COUNT(*) FROM referral_thread WHERE service = 'interpreter' AND state = 'handed_back'`,
	} {
		var found int
		err := n.DB.Read(t.Context(), func(tx *store.Tx) error { return tx.QueryRow(t.Context(), query).Scan(&found) })
		if err != nil || found == 0 {
			t.Errorf("the demo has not %s: %v", what, err)
		}
	}
}
