package casework_test

import (
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/forms"
	"causeway/internal/sealed"
)

// An answer that cannot wait opens an action at once, though the form is not
// finished, and an action that is open gets no more time by being asked for again.
func TestUrgentAnswersOfAFormOpenActions(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		lib, err := forms.NewLibrary(o.Pack)
		ok(t, err)
		o.room.Fill(forms.New(lib))
		c := o.Person(access.RoleCaseWorker, o.North)
		id := register(t, o, c)
		save := func(answers forms.Answers) {
			t.Helper()
			_, err := o.room.SaveRecord(ctx, c, command(), id, casework.RecordInput{Form: "rapid_assessment", Answers: answers})
			ok(t, err)
		}
		danger := func() casework.Urgent {
			t.Helper()
			child, err := o.room.Open(ctx, c, id)
			ok(t, err)
			i := slices.IndexFunc(child.Urgent, func(u casework.Urgent) bool { return u.Code == "danger" && u.Open })
			if i < 0 {
				return casework.Urgent{}
			}
			return child.Urgent[i]
		}
		save(forms.Answers{"safe_now": {State: forms.Given, Code: forms.Yes}})
		if danger().Open {
			t.Error("a safe child is in danger")
		}
		unsafe := forms.Answers{"safe_now": {State: forms.Given, Code: forms.No}}
		save(unsafe)
		first := danger()
		if !first.Open {
			t.Fatal("a child who is not safe waits")
		}
		o.Clock.Advance(20 * time.Minute)
		save(unsafe)
		if again := danger(); !again.Due.Equal(first.Due) {
			t.Errorf("due %v became %v", first.Due, again.Due)
		}
		ok(t, o.room.SeeToUrgent(ctx, c, command(), id, "danger", casework.SeenToDone, sealed.NewText("Brought to the shelter")))
		if danger().Open {
			t.Error("what was seen to is still open")
		}
	})
}
