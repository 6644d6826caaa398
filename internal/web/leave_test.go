package web_test

import (
	"testing"

	"causeway/internal/casework"
	"causeway/internal/ident"
	child "causeway/internal/person"
	"causeway/internal/sealed"
	"causeway/internal/staff"
	"causeway/internal/store"
)

// TestWhoLeavesLeavesNobodyBehind: on a whole node, with its accounts: the open case
// of somebody whose account ends is the supervisor's after the clock has acted.
func TestWhoLeavesLeavesNobodyBehind(t *testing.T) {
	r := newRig(t)
	ctx, n := t.Context(), r.node
	dir, err := n.Office.Directory(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var boss staff.Account
	for _, a := range dir.People() {
		if a.SignIn.Reveal() == r.logins["supervisor"].Name {
			boss = a
		}
	}
	var leaving ident.Staff
	err = n.DB.Write(ctx, func(tx *store.Tx) (err error) {
		leaving, err = n.Office.Create(ctx, tx, staff.Shell(), staff.NewAccount{
			SignIn: "leaving.soon", Name: "Ossa Fenmark", Unit: boss.Unit, Role: staff.CaseWorker, Language: "en", Supervisor: boss.ID,
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	id, err := n.Cases.Register(ctx, n.Gate.Job("seed"), ident.Command{}, casework.Registration{
		Person: child.Details{Names: []child.Name{{Text: sealed.NewText("Rill Tamarack"), Kind: "known_as", Script: "Latn"}}},
		Risk:   "low", Basis: "vital_interest", Worker: leaving, Unit: boss.Unit,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Cases.StepDeadlines(ctx); err != nil {
		t.Fatal(err)
	}
	err = n.DB.Write(ctx, func(tx *store.Tx) error {
		a, err := n.Office.Account(ctx, tx, leaving)
		if err != nil {
			return err
		}
		return n.Office.Disable(ctx, tx, staff.Shell(), leaving, a.Version)
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.Cases.StepDeadlines(ctx); err != nil {
		t.Fatal(err)
	}
	page := r.signedIn(t, "supervisor").get("/child/" + id.String())
	if want := words("due.took.lead", "who", boss.Name.Reveal()); !page.says(want) {
		t.Errorf("the child's page does not say that the supervisor looks after the child now: %q", want)
	}
}
