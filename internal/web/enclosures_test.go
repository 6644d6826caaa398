package web_test

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"strings"
	"testing"

	"causeway/internal/ident"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// drawer keeps what goes along in memory (referral.Files).
type drawer struct{ files map[cx.Digest][]byte }

// Pack implements referral.Files.
func (d *drawer) Pack(write func(io.Writer) error) (cx.Attachment, error) {
	var plain, out bytes.Buffer
	if err := write(&plain); err != nil {
		return cx.Attachment{}, err
	}
	a, err := cx.SealBlob(&out, &plain)
	d.files[a.Cipher] = out.Bytes()
	return a, err
}

// Drop implements referral.Files.
func (d *drawer) Drop(of cx.Digest) { delete(d.files, of) }

// Unpack implements referral.Files.
func (d *drawer) Unpack(_ identity.NodeID, a *cx.Attachment, to io.Writer) error {
	return cx.OpenBlob(to, bytes.NewReader(d.files[a.Cipher]), a)
}

// TestDocumentsGoAlongOnThePages: the sender chooses, the preview names what goes, and the
// receiver finds it among the documents of the case, with its origin.
func TestDocumentsGoAlongOnThePages(t *testing.T) {
	r := newRig(t)
	worker, boss := r.as(t, "case_worker"), r.as(t, "supervisor")
	far := &farOffice{}
	dir, err := r.node.Office.Directory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range dir.Units() {
		if u.Name == r.logins["case_worker"].Unit {
			far.unit = u.ID
		}
	}
	r.node.Referrals.Joins(far, far, r.node.Pack)
	r.node.Referrals.Encloses(&drawer{map[cx.Digest][]byte{}})
	t.Cleanup(func() {
		r.node.Referrals.Joins(nil, nil, nil)
		r.node.Referrals.Encloses(nil)
	})
	child := newChild(t, worker, "Ferren Oldacre")
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 37, 31)), nil); err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"identity", "court"} {
		if a := worker.attach(child, "file", what+".jpg", photo.Bytes(), "document_what", what); a.status != http.StatusSeeOther {
			t.Fatalf("add %s: got %d", what, a.status)
		}
	}
	at, preview, check := child+"/abroad", child+"/abroad/preview", child+"/protection"
	worker.post(check, with(worker.get(check).form(t, check), "abroad_country", "XC", "abroad_asylum", "no_need", "abroad_office_clear", "clear",
		"abroad_view", "agrees")).wants(t, http.StatusSeeOther, at+"?done=abroad-checked")
	page := worker.get(at)
	if !strings.Contains(page.body, "identity.jpg") || strings.Contains(page.body, "court.jpg") {
		t.Fatal("the page offers a court's paper, or not what may go")
	}
	chosen := documentValue(page.body)
	form := with(page.form(t, preview), "abroad_office", "xc.care", "abroad_purpose", "referral", "referral_urgency", "soon", "language", "en",
		"written_language", "en", "legal_basis", "vital_interest", "norm", "Act 12", "reason", "A safe bed.", "abroad_view", "agrees")
	form["disclosure_part"] = []string{"identity", "age", "language", "needs"}
	if form.Get("abroad_file") != "" {
		t.Error("a document is chosen before anybody chose it")
	}
	if a := worker.post(preview, form); strings.Contains(a.body, "identity.jpg") || !a.says(words("abroadfiles.none")) {
		t.Error("the preview names a document that nobody chose")
	}
	form["abroad_file"] = []string{chosen}
	look := worker.post(preview, with(form, "command", ident.New[ident.Command]().String()))
	if !strings.Contains(look.body, "identity.jpg") {
		t.Fatal("the preview does not name what goes")
	}
	send := look.form(t, at)
	send["disclosure_part"] = form["disclosure_part"]
	link, _, _ := strings.Cut(worker.post(at, send).header.Get("Location"), "?")
	decide := link + "/proposed"
	if !strings.Contains(boss.get(link).body, "identity.jpg") {
		t.Error("the second person does not see what goes")
	}
	if len(far.sent) == 0 { // the first time for this office
		boss.post(decide, with(boss.get(decide).form(t, decide), "abroad_decide", "yes")).wants(t, http.StatusSeeOther, link+"?done=referral-done")
	}
	if len(far.sent) != 1 || len(far.sent[0].Attachments) != 1 {
		t.Fatalf("%d messages left", len(far.sent))
	}
	r.findsThem(t, worker, far.sent[0])
}

// documentValue is the value of the document that the page offers.
func documentValue(body string) string {
	_, rest, _ := strings.Cut(body, `name="abroad_file" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// findsThem lets what was sent come back from there, and takes the child on.
func (r *rig) findsThem(t *testing.T, worker *person, d cx.Draft) {
	t.Helper()
	m := &cx.Message{
		From: "xc.care", ID: cx.NewID(r.node.Clock.Now()), Thread: cx.NewThread(), Stream: cx.Cmd, Type: cx.ReferralOffer, Schema: d.Schema,
		Payload: d.Payload, Attachments: d.Attachments, Created: r.node.Clock.Now(),
	}
	before := threadLink.FindAllString(worker.get("/abroad").body, -1)
	if err := r.node.Referrals.Handle(t.Context(), m, func(context.Context, *store.Tx, cx.Opened) error { return nil }); err != nil {
		t.Fatal(err)
	}
	came := ""
	for _, l := range threadLink.FindAllString(worker.get("/abroad").body, -1) {
		known := false
		for _, b := range before {
			known = known || b == l
		}
		if !known {
			came = l
		}
	}
	if came == "" || strings.Contains(worker.get(came).body, "identity.jpg") {
		t.Fatalf("the card (%q) is not there, or names a document", came)
	}
	for _, step := range []string{"/accept", "/start"} {
		worker.post(came+step, worker.get(came+step).form(t, came+step)).wants(t, http.StatusSeeOther, came+"?done=referral-done")
	}
	a := worker.get(came)
	docs := "/child/" + strings.Split(came, "/")[2] + "/documents"
	if !strings.Contains(a.body, "identity.jpg") || !strings.Contains(a.body, docs) {
		t.Error("the page of the thread does not lead to the documents")
	}
	if page := worker.get(worker.newest(strings.TrimSuffix(docs, "/documents"))); !strings.Contains(page.body, "Foyer Valombre") {
		t.Error("the document does not say where it is from")
	}
}
