package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// TestBookingAnInterpreter is a booking from the child's page to the day: the other side
// is told nothing of the child, signs, proposes another time, and lets it fall through,
// which is an alarm of whoever booked.
func TestBookingAnInterpreter(t *testing.T) {
	r := newRig(t)
	worker, house, auditor := r.as(t, "case_worker"), r.as(t, "provider"), r.as(t, "auditor")
	const called = "Oriel Sandquist"
	child := newChild(t, worker, called)
	at := child + "/interpreter"
	for what, p := range map[string]*person{"a provider": house, "an auditor": auditor} {
		if a := p.get(at); a.status != http.StatusNotFound {
			t.Errorf("%s books: got %d", what, a.status)
		}
	}
	when := func(days int) string {
		return r.node.Clock.Now().In(r.node.Pack.Calendar().Zone()).AddDate(0, 0, days).Format("2006-01-02T15:04")
	}
	page := worker.get(at)
	if !strings.Contains(page.body, "family or community") {
		t.Error("the form does not warn who must not interpret")
	}
	unit := regexp.MustCompile(`<option value="([0-9a-z]{26})"[^>]*>Harbour House shelter`).FindStringSubmatch(page.body)
	form := with(page.form(t, at), "referral_unit", unit[1], "language", "ar", "starts_at", when(3), "booking_minutes", "60", "booking_mode", "in_person",
		"booking_gender", "female", "booking_not", "kin")
	if a := worker.post(at, form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-booking_place-error"`) {
		t.Errorf("in person and nowhere: got %d, want 422", a.status)
	}
	worker.post(at, with(form, "booking_place", "Room 3")).wants(t, http.StatusSeeOther, child+"/referrals?done=booked")
	link := threadLink.FindString(worker.get(child + "/referrals").body)

	bare := func() answer {
		t.Helper()
		a := house.get(link)
		if a.status != http.StatusOK || strings.Contains(a.body, called) || strings.Contains(a.body, "12–14") || strings.Contains(a.body, "Female") || !strings.Contains(a.body, "Room 3") {
			t.Errorf("the booking: got %d, want where, and nothing of the child", a.status)
		}
		return a
	}
	bare()
	ask := link + "/ask_info"
	house.post(ask, with(house.get(ask).form(t, ask), "proposed_at", when(4))).wants(t, http.StatusSeeOther, link+"?done=referral-done")
	info := link + "/info"
	worker.post(info, with(worker.get(info).form(t, info), "booking_agrees", "yes")).wants(t, http.StatusSeeOther, link+"?done=referral-done")
	accept := link + "/accept"
	signs := house.get(accept).form(t, accept)
	if a := house.post(accept, with(signs, "booking_agency", "Tongues")); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-booking_undertaken-error"`) {
		t.Errorf("without a signature: got %d, want 422", a.status)
	}
	house.post(accept, with(signs, "booking_agency", "Tongues", "booking_undertaken", "yes")).wants(t, http.StatusSeeOther, link+"?done=referral-done")
	bare()
	if a := worker.get(link); !strings.Contains(a.body, "Tongues") || !strings.Contains(a.body, words("bookingundertaken.yes")) {
		t.Error("the sender does not read who signed")
	}
	if a := worker.get(child + "/timeline"); strings.Contains(a.body, "Tongues") {
		t.Error("the case itself names the agency")
	}
	gone := link + "/handback"
	house.post(gone, with(house.get(gone).form(t, gone), "referral_end", "cannot", "referral_text", "Fell ill.")).wants(t, http.StatusSeeOther, link+"?done=referral-done")
	if a := worker.get("/"); !strings.Contains(a.body, "1 interpreter does not come") {
		t.Error("whoever booked has no alarm")
	}
	if a := auditor.get(link); a.status != http.StatusNotFound {
		t.Errorf("an auditor at the booking: got %d", a.status)
	}
}
