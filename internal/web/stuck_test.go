package web_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/exchange"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/referral"
	"causeway/internal/store"
	"causeway/internal/web"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/payload"
)

// stick is a courier who brings and takes what the test says (web.BundleDesk).
type stick struct {
	gate *access.Gate
	came bytes.Buffer // what was taken in
	kept web.BundleKept
}

func (s *stick) Export(ctx context.Context, c *access.Caller, cmd ident.Command, to identity.NodeID) (string, error) {
	s.kept = web.BundleKept{Peer: to, Slips: []web.BundleSlip{{Part: 1, Parts: 1, Items: 4, Envelopes: 3, Notes: 1, Bytes: 9, Digest: "sha256:aa"}}}
	return cmd.String(), s.gate.Permit(ctx, c, "peer.carry", exchange.Purpose)
}

func (s *stick) Import(ctx context.Context, c *access.Caller, cmd ident.Command, r io.Reader) (string, identity.NodeID, error) {
	if err := s.gate.Permit(ctx, c, "peer.carry", exchange.Purpose); err != nil {
		return "", "", err
	}
	s.came.Reset()
	if _, err := io.Copy(&s.came, r); err != nil {
		return "", "", err
	}
	if !strings.HasPrefix(s.came.String(), "bundle") {
		return "", "", fault.New(fault.Invalid, "peer-bundle")
	}
	s.kept = web.BundleKept{Peer: "xd.help", In: true, Slips: []web.BundleSlip{{Part: 1, Parts: 1}}, Received: 3, Refused: map[cx.Code]int{cx.UnknownEKey: 2}, Damaged: 1}
	return cmd.String(), "xd.help", nil
}

func (s *stick) Bundle(ctx context.Context, c *access.Caller, _ string) (*web.BundleKept, error) {
	return &s.kept, s.gate.Permit(ctx, c, "peer.carry", exchange.Purpose)
}

func (s *stick) Part(ctx context.Context, c *access.Caller, _ string, _ int) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("bundle 12")), s.gate.Permit(ctx, c, "peer.carry", exchange.Purpose)
}

// pairs has two officers pair with an invented node, until the test ends.
func (r *rig) pairs(t *testing.T, node identity.NodeID) (at string) {
	t.Helper()
	operator, head := r.as(t, "node_operator"), r.as(t, "head")
	card, digits, _ := cardOf(t, node, farRing(t))
	at = "/partners/at/" + string(node)
	form := operator.get("/partners/add").form(t, "/partners/add")
	operator.post("/partners/add", with(form, "card", card, "peer_purposes", "protection", "peer_types", "referral.offer", "peer_until",
		time.Now().AddDate(1, 0, 0).Format("2006-01-02"), "peer_called", "+999 55 0404", "peer_emergency", "+999 55 0303")).
		wants(t, http.StatusSeeOther, at+"?done=partner-added")
	head.post(at+"/confirm", with(head.get(at+"/confirm").form(t, at+"/confirm"), "peer_heard", digits)).wants(t, http.StatusSeeOther, at+"?done=partner-confirm")
	t.Cleanup(func() {
		operator.post(at+"/remove", operator.get(at+"/remove").form(t, at+"/remove")).wants(t, http.StatusSeeOther, at+"?done=partner-remove")
	})
	return at
}

// TestEveryRefusalHasASentence: in every language, for whatever the other side answers.
func TestEveryRefusalHasASentence(t *testing.T) {
	for _, l := range locale.Languages() {
		for _, code := range cx.Codes() {
			if say := l.Word("troublewhy", string(code)); strings.HasPrefix(say, "‹") || len(say) < 20 {
				t.Errorf("%s: %s is %q", l.Code(), code, say)
			}
		}
	}
}

// TestStuckMessagesOnThePartnersPage: what the partner did not take stands on its page, with
// why and what to do, and is put aside by whoever may.
func TestStuckMessagesOnThePartnersPage(t *testing.T) {
	r := newRig(t)
	at := r.pairs(t, "xd.help")
	head, auditor := r.as(t, "head"), r.as(t, "auditor")
	if a := head.get(at); !a.says(words("trouble.none")) {
		t.Error("a partner with whom all is well")
	}
	d := &cx.Draft{
		To: "xd.help", Thread: cx.NewThread(), Stream: cx.Cmd, Type: cx.ReferralOffer, Schema: "test/1", Payload: []byte(`{"n":1}`), Officer: "o-7",
		Labels: cx.DefaultLabels(cx.Protection, cx.BasisVital),
	}
	d.Labels.Jurisdiction, d.Labels.RetainRule = "XA", "case"
	var id cx.ID
	err := r.node.DB.Write(t.Context(), func(tx *store.Tx) (err error) {
		id, err = r.deps.Exchange.Send(t.Context(), tx, d)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.deps.Exchange.Refused(t.Context(), "xd.help", id, cx.LabelRefused, time.Time{}); err != nil {
		t.Fatal(err)
	}
	a := head.get(at)
	for _, say := range []string{
		words("troublewhat.returned"), words("troublewhy.label_refused"), words("troubledo.over"), words("posttype.referral.offer"), words("partnerpurpose.protection"),
		words("trouble.seen"),
	} {
		if !a.says(say) {
			t.Errorf("the page does not say %q", say)
		}
	}
	if strings.Contains(a.body, words("trouble.again")) {
		t.Error("it is offered to try again what the partner will never take")
	}
	if a := auditor.get(at); !a.says(words("troublewhy.label_refused")) || strings.Contains(a.body, at+"/seen") {
		t.Error("the auditor sees nothing, or is offered to put it aside")
	}
	seen := a.form(t, at+"/seen")
	if a := auditor.post(at+"/seen", seen); a.status != http.StatusNotFound {
		t.Errorf("the auditor puts it aside: got %d", a.status)
	}
	head.post(at+"/seen", with(head.get(at).form(t, at+"/seen"), "message", seen.Get("message"))).wants(t, http.StatusSeeOther, at+"?done=partner-seen")
	if a := head.get(at); !a.says(words("trouble.none")) {
		t.Error("what was put aside is shown still")
	}
}

// TestBundlesOnThePages: what waits is taken out to a file and what a courier brought is
// taken in, by whoever runs the exchange and by nobody else.
func TestBundlesOnThePages(t *testing.T) {
	r := newRig(t)
	at := r.pairs(t, "xd.help")
	operator, head := r.as(t, "node_operator"), r.as(t, "head")
	out := operator.post(at+"/bundle", operator.get(at).form(t, at+"/bundle"))
	link := out.header.Get("Location")
	if out.status != http.StatusSeeOther || !strings.HasPrefix(link, at+"/bundle/") {
		t.Fatalf("exported: got %d %q", out.status, link)
	}
	if a := operator.get(link); !a.says("sha256:aa") || !strings.Contains(a.body, link+"/1") {
		t.Error("the slip of the bundle is not shown")
	}
	if a := operator.get(link + "/1"); a.body != "bundle 12" || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the part: got %d %q", a.status, a.body)
	}
	in := at + "/bundle/in"
	wrong := operator.brings(in, operator.get(in).form(t, in), "a picture")
	if a := operator.get(wrong.header.Get("Location")); wrong.status != http.StatusSeeOther || !a.says(words("error.peer-bundle")) {
		t.Errorf("another file: got %d", wrong.status)
	}
	came := operator.brings(in, operator.get(in).form(t, in), "bundle of three")
	if came.status != http.StatusSeeOther || r.deps.Bundles.(*stick).came.String() != "bundle of three" {
		t.Fatalf("taken in: got %d", came.status)
	}
	a := operator.get(came.header.Get("Location"))
	if !a.says(words("troublewhy.unknown_ekey")) || !a.says(words("bundle.damaged.text")) || !strings.Contains(a.body, `action="`+at+`/bundle"`) {
		t.Error("what was in it, or the bundle for the way back, is not shown")
	}
	if a := head.get(at); strings.Contains(a.body, at+"/bundle") {
		t.Error("the head is offered to carry bundles")
	}
	for name, got := range map[string]int{
		"the form": head.get(in).status, "the part": head.get(link + "/1").status, "the page": head.get(link).status,
		"out": head.post(at+"/bundle", with(nil, "command", ident.New[ident.Command]().String())).status,
		"in":  head.brings(in, with(nil, "command", ident.New[ident.Command]().String()), "bundle").status,
	} {
		if got != http.StatusNotFound {
			t.Errorf("%s for the head: got %d", name, got)
		}
	}
}

// told says of every thread that its offer did not go through.
type told struct {
	far  *farOffice
	what string
	over bool
}

// Posted implements referral.Tracker.
func (w *told) Posted(context.Context, *store.Tx, identity.NodeID, cx.Thread) ([]referral.Posted, error) {
	if len(w.far.ids) == 0 {
		return nil, nil
	}
	return []referral.Posted{{ID: w.far.ids[0], Type: cx.ReferralOffer, What: w.what, Code: cx.LabelRefused, Unmet: []string{"handling"}, Over: w.over, At: time.Now()}}, nil
}

// TestTheOwnerSeesThatItDidNotGoThrough: on the page of the handover, in every language, and
// can end it where nobody there has it.
func TestTheOwnerSeesThatItDidNotGoThrough(t *testing.T) {
	r := newRig(t)
	worker, boss := r.as(t, "case_worker"), r.as(t, "supervisor")
	far := &farOffice{}
	watch := &told{far: far, what: exchange.Unsent}
	r.node.Referrals.Joins(far, far, r.node.Pack)
	r.node.Referrals.Follows(watch)
	t.Cleanup(func() {
		r.node.Referrals.Joins(nil, nil, nil)
		r.node.Referrals.Follows(nil)
	})
	child := newChild(t, worker, "Ferren Oldacre")
	at, preview, check := child+"/abroad", child+"/abroad/preview", child+"/protection"
	worker.post(check, with(worker.get(check).form(t, check), "abroad_country", "XC", "abroad_asylum", "no_need", "abroad_office_clear", "clear",
		"abroad_view", "agrees")).wants(t, http.StatusSeeOther, at+"?done=abroad-checked")
	form := with(worker.get(at).form(t, preview), "abroad_office", "xc.care", "abroad_purpose", "referral", "referral_urgency", "soon",
		"language", "en", "written_language", "en", "legal_basis", "vital_interest", "norm", "Act 12", "reason", "A safe bed.", "abroad_view", "agrees")
	form["disclosure_part"] = []string{"identity", "age", "language", "needs"}
	send := worker.post(preview, form).form(t, at)
	send["disclosure_part"] = form["disclosure_part"]
	link, _, _ := strings.Cut(worker.post(at, send).header.Get("Location"), "?")
	decide := link + "/proposed"
	if len(far.sent) == 0 { // the first time for this office
		boss.post(decide, with(boss.get(decide).form(t, decide), "abroad_decide", "yes")).wants(t, http.StatusSeeOther, link+"?done=referral-done")
	}
	if a := worker.get(link); !a.says(words("abroadpost.title")) || !a.says(words("abroadpost.stuck")) || strings.Contains(a.body, link+"/undelivered") {
		t.Error("what is stuck is not said, or is offered to be ended")
	}
	if a := worker.get("/abroad"); !a.says("of what you sent did not go through") {
		t.Error("the list does not say that something did not go through")
	}
	end := link + "/undelivered"
	if a := worker.post(end, with(nil, "command", ident.New[ident.Command]().String(), "between", "countries")); a.status == http.StatusSeeOther {
		t.Error("what may still arrive was ended")
	}
	watch.what, watch.over = exchange.Unaccepted, true
	if a := worker.get(link); !a.says(words("troublewhy.label_refused")) || !a.says(words("abroadpost.none-there")) || !a.says(words("postlabel.handling")) {
		t.Error("it is not said why it was refused")
	}
	worker.post(end, worker.get(end).form(t, end)).wants(t, http.StatusSeeOther, link+"?done=referral-done")
	a := worker.get(link)
	if !a.says(words("referralstep.undelivered")) || strings.Contains(a.body, end) {
		t.Error("the thread does not say that it was ended here")
	}
	if a := worker.get(child + "/timeline"); !a.says(words("referralstep.undelivered")) {
		t.Error("the timeline does not say that it was ended here")
	}
	if _, err := payload.Decode(payload.SchemaOffer, far.sent[0].Payload); err != nil {
		t.Error(err)
	}
	r.provesNothingToTheWorker(t, worker, boss, link)
}

// provesNothingToTheWorker tries the page of the proof: for a supervisor, and for nobody else
// of these.
func (r *rig) provesNothingToTheWorker(t *testing.T, worker, boss *person, link string) {
	t.Helper()
	at := link + "/proof"
	if a := worker.get(link); strings.Contains(a.body, at) || worker.get(at).status != http.StatusNotFound {
		t.Error("the worker is offered a proof")
	}
	if a := worker.post(at, with(nil, "command", ident.New[ident.Command]().String())); a.status != http.StatusNotFound {
		t.Errorf("the worker takes a proof: got %d", a.status)
	}
	if a := boss.get(link); !strings.Contains(a.body, at) {
		t.Error("the supervisor is offered no proof")
	}
	// Nothing went through the post office here: there is nothing to prove.
	if a := boss.post(at, boss.get(at).form(t, at)); a.status == http.StatusOK {
		t.Errorf("a proof of nothing: got %d", a.status)
	}
}
