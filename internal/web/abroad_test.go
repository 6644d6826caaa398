package web_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"causeway/internal/ident"
	"causeway/internal/referral"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/payload"
)

// farOffice is a partner in another country, and the post to it.
type farOffice struct {
	unit ident.Unit
	sent []cx.Draft
	ids  []cx.ID

	referral.Letters // nothing here is kept for so long
}

func (o *farOffice) Own() identity.NodeID { return "xa.care" }

func (o *farOffice) Partners(context.Context) ([]referral.Partner, error) {
	return []referral.Partner{{Node: "xc.care", Name: "Foyer Valombre", Country: "XC", Unit: o.unit}}, nil
}

func (o *farOffice) Send(_ context.Context, _ *store.Tx, d *cx.Draft) (cx.ID, error) {
	id := cx.NewID(theRig.node.Clock.Now())
	o.sent, o.ids = append(o.sent, *d), append(o.ids, id)
	return id, d.Check()
}

// TestToAnotherCountryOnThePages: what leaves is shown before, nothing leaves without the
// protection check and a second person, and what comes is a card without a name.
func TestToAnotherCountryOnThePages(t *testing.T) {
	r := newRig(t)
	worker, boss := r.as(t, "case_worker"), r.as(t, "supervisor")
	dir, err := r.node.Office.Directory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	far := &farOffice{}
	for _, u := range dir.Units() {
		if u.Name == r.logins["case_worker"].Unit {
			far.unit = u.ID
		}
	}
	r.node.Referrals.Joins(far, far, r.node.Pack)
	t.Cleanup(func() { r.node.Referrals.Joins(nil, nil, nil) })

	const called = "Ferren Oldacre"
	child := newChild(t, worker, called)
	at, preview := child+"/abroad", child+"/abroad/preview"
	if a := worker.get(child + "/referrals"); !strings.Contains(a.body, `href="`+at+`"`) {
		t.Error("the child's referrals do not offer another country")
	}
	form := with(worker.get(at).form(t, preview), "abroad_office", "xc.care", "abroad_purpose", "referral", "referral_urgency", "soon",
		"language", "en", "written_language", "en", "legal_basis", "vital_interest", "norm", "Act 12", "reason", "A safe bed.", "abroad_view", "agrees",
		"child_words", "I want to go.")
	form["disclosure_part"] = []string{"identity"}
	if a := worker.post(preview, form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "A safe bed.") {
		t.Errorf("less than the least: got %d, want 422 and what was typed", a.status)
	}
	form["disclosure_part"] = []string{"identity", "age", "language", "needs"}
	look := worker.post(preview, form)
	if look.status != http.StatusOK || !strings.Contains(look.body, called) || strings.Contains(look.body, "Send sealed") {
		t.Fatalf("the preview before the check: got %d", look.status)
	}
	check := child + "/protection"
	worker.post(check, with(worker.get(check).form(t, check), "abroad_country", "XC", "abroad_asylum", "no_need", "abroad_office_clear", "clear",
		"abroad_view", "agrees")).wants(t, http.StatusSeeOther, at+"?done=abroad-checked")
	look = worker.post(preview, with(form, "command", worker.get(at).form(t, preview).Get("command")))
	if !strings.Contains(look.body, "Send sealed") || !strings.Contains(look.body, "first time for this office") {
		t.Fatalf("the preview after the check: got %d", look.status)
	}
	send := look.form(t, at)
	send["disclosure_part"] = form["disclosure_part"]
	sent := worker.post(at, send)
	link, _, _ := strings.Cut(sent.header.Get("Location"), "?")
	if sent.status != http.StatusSeeOther || !strings.HasPrefix(link, "/referral/") || len(far.sent) != 0 {
		t.Fatalf("sent: got %d %q, %d left", sent.status, link, len(far.sent))
	}
	if a := worker.get(link + "/proposed"); a.status != http.StatusNotFound {
		t.Errorf("who sends is offered to agree: got %d", a.status)
	}
	decide := link + "/proposed"
	if a := boss.get(link); !strings.Contains(a.body, "A safe bed.") || !strings.Contains(a.body, "I want to go.") {
		t.Error("the second person does not see what leaves")
	}
	approvals := child + "/approvals"
	if a := boss.get(approvals); !strings.Contains(a.body, `href="`+decide+`"`) || !strings.Contains(a.body, "Foyer Valombre") {
		t.Error("what waits for the second person is not among the child's approvals")
	}
	if a := worker.get(approvals); !strings.Contains(a.body, "Foyer Valombre") || strings.Contains(a.body, `href="`+decide+`"`) {
		t.Error("who sends does not see that it waits, or is offered to decide")
	}
	for name, who := range map[string]*person{"the second person": boss, "who sends": worker} {
		if a := who.get("/"); !strings.Contains(a.body, `href="`+link+`"`) {
			t.Errorf("the page of the day of %s does not show what waits", name)
		}
	}
	a := boss.post(decide, with(boss.get(decide).form(t, decide), "abroad_decide", "yes"))
	if a.status != http.StatusSeeOther || len(far.sent) != 1 {
		t.Fatalf("agreed: got %d, %d left", a.status, len(far.sent))
	}
	if a := boss.get(approvals); !strings.Contains(a.body, "Foyer Valombre") || strings.Contains(a.body, `href="`+decide+`"`) {
		t.Error("what was agreed on is not among the child's approvals, or still to be decided")
	}
	if a := boss.get("/"); strings.Contains(a.body, `href="`+link+`"`) {
		t.Error("the page of the day shows what was agreed on")
	}
	if a := worker.get(child + "/timeline"); !strings.Contains(a.body, "Foyer Valombre") {
		t.Error("the timeline does not name the office")
	}

	// What comes back from there is on the list of the unit, without a name.
	m := &cx.Message{
		From: "xc.care", ID: cx.NewID(r.node.Clock.Now()), Thread: cx.NewThread(), Stream: cx.Cmd, Type: cx.ReferralOffer, Schema: payload.SchemaOffer,
		Payload: far.sent[0].Payload, Created: r.node.Clock.Now(),
	}
	err = r.node.Referrals.Handle(t.Context(), m, func(context.Context, *store.Tx, cx.Opened) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	desk := worker.get("/abroad")
	came := ""
	for _, l := range threadLink.FindAllString(desk.body, -1) {
		if l != link {
			came = l
		}
	}
	if came == "" || strings.Contains(worker.get(came).body, called) || strings.Contains(worker.get(came).body, "A safe bed.") {
		t.Fatalf("the card of what came (%q) is not there, or shows a name", came)
	}
	accept := came + "/accept"
	worker.post(accept, worker.get(accept).form(t, accept)).wants(t, http.StatusSeeOther, came+"?done=referral-done")
	if a := worker.get(came); !strings.Contains(a.body, called) || !strings.Contains(a.body, "A safe bed.") {
		t.Error("after acceptance what was sent is not shown")
	}
	start := came + "/start"
	worker.post(start, worker.get(start).form(t, start)).wants(t, http.StatusSeeOther, came+"?done=referral-done")
}
