package referral_test

import (
	"bytes"
	"slices"
	"testing"

	"causeway/internal/person"
	"causeway/protocol/handover"
)

// TestUnknownCodesStayInTheRecord: a code of the sender's lists that is in none here is in
// the record of the child as it was sent, apart from the codes that are known.
func TestUnknownCodesStayInTheRecord(t *testing.T) {
	a, b := countries(t)
	of := a.child(t)
	a.checked(t, of)
	id, err := a.sends(of, a.letterTo("referral"))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.agrees(of, id); err != nil { // the first contact
		t.Fatal(err)
	}
	for i := range a.posted {
		a.posted[i].d.Payload = bytes.ReplaceAll(a.posted[i].d.Payload, []byte(`"female"`), []byte(`"girl-child"`))
	}
	carry(t, a, b)
	there := b.came(t)
	there.does(t, b.taker, handover.Accept)
	there.does(t, b.taker, handover.Start)
	child, err := b.cases.Open(ctx, b.again(b.taker), there.of)
	if err != nil {
		t.Fatal(err)
	}
	d := &child.Person.Details
	if want := []person.SentCode{{List: "sex_recorded", Code: "girl-child"}}; d.SexRecorded != "" || !slices.Equal(d.Sent, want) {
		t.Errorf("sex %q, sent %+v, want %+v", d.SexRecorded, d.Sent, want)
	}
	if d.Called().Reveal() != name {
		t.Errorf("the child is called %q", d.Called().Reveal())
	}
}
