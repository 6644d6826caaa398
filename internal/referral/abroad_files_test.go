package referral_test

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/document"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
	"causeway/protocol/identity"
)

// folder is where sealed files lie between two nodes (referral.Files).
type folder struct {
	files map[cx.Digest][]byte
	fail  error // what Unpack fails with
}

// Pack implements referral.Files.
func (f *folder) Pack(write func(io.Writer) error) (cx.Attachment, error) {
	var plain, out bytes.Buffer
	if err := write(&plain); err != nil {
		return cx.Attachment{}, err
	}
	a, err := cx.SealBlob(&out, &plain)
	if err == nil {
		f.files[a.Cipher] = out.Bytes()
	}
	return a, err
}

// Drop implements referral.Files.
func (f *folder) Drop(d cx.Digest) { delete(f.files, d) }

// Unpack implements referral.Files.
func (f *folder) Unpack(_ identity.NodeID, a *cx.Attachment, to io.Writer) error {
	if f.fail != nil {
		return f.fail
	}
	return cx.OpenBlob(to, bytes.NewReader(f.files[a.Cipher]), a)
}

// keepsDocuments gives both nodes a room for documents and a folder between them.
func keepsDocuments(t *testing.T, both ...*country) *folder {
	t.Helper()
	f := &folder{files: map[cx.Digest][]byte{}}
	for _, n := range both {
		docs, err := document.New(n.DB, n.Custody, document.Limits{File: 4 << 20, Case: 16 << 20, Keep: time.Hour}, nil)
		if err != nil {
			t.Fatal(err)
		}
		n.cases.Keep(docs)
		n.room.Encloses(f)
	}
	return f
}

// picture is a photo that no other is.
func picture(t *testing.T, wide int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, wide, 30)), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// adds adds a photo to a case and returns it.
func (n *country) adds(t *testing.T, of ident.Case, what string, wide int) ident.Document {
	t.Helper()
	b := document.Brief{Name: sealed.NewText(what + ".jpg"), What: what, Text: sealed.NewText("At the harbour.")}
	if err := n.cases.AddDocument(ctx, n.again(n.amal), command(), of, b, bytes.NewReader(picture(t, wide))); err != nil {
		t.Fatal(err)
	}
	n.Clock.Advance(time.Second)
	return n.documents(t, n.amal, of)[0].ID
}

func (n *country) documents(t *testing.T, c *access.Caller, of ident.Case) []document.Document {
	t.Helper()
	list, err := n.cases.ListDocuments(ctx, n.again(c), of)
	if err != nil {
		t.Fatal(err)
	}
	return list.Documents
}

// lets sends something with documents, and lets the second person agree.
func (n *country) lets(t *testing.T, of ident.Case, files ...ident.Document) referral.ThreadID {
	t.Helper()
	f := n.letterTo("referral")
	f.Files = files
	id, err := n.sends(of, f)
	if err != nil {
		t.Fatal(err)
	}
	if waiting := n.thread(t, of, id); len(waiting.Files) != len(files) {
		t.Errorf("the second person sees %d files", len(waiting.Files))
	}
	if n.thread(t, of, id).Abroad.SentAt.IsZero() {
		if err := n.agrees(of, id); err != nil {
			t.Fatal(err)
		}
	}
	return id
}

// TestDocumentsGoAlong: what was chosen goes along sealed, is named on both sides, and is a
// document of the case there once somebody took the child on; nothing goes that nobody chose.
func TestDocumentsGoAlong(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		a, b := across(t, o, accesstest.New(t))
		spool := keepsDocuments(t, a, b)
		of := a.child(t)
		a.checked(t, of)
		photo := a.adds(t, of, "identity", 40)
		a.adds(t, of, "medical", 41)
		a.lets(t, of, photo)
		if len(spool.files) != 1 {
			t.Fatalf("%d files were sealed, want the one", len(spool.files))
		}
		carry(t, a, b)
		there := b.came(t)
		if card := there.view(t, b.taker); len(card.Files) != 0 {
			t.Error("files are named before anybody accepted")
		}
		there.does(t, b.taker, handover.Accept)
		if open := there.view(t, b.taker); len(open.Files) != 1 || open.Files[0].What != "identity" || open.Files[0].Size() == 0 {
			t.Fatalf("after acceptance: %d files", len(open.Files))
		}
		there.does(t, b.taker, handover.Start)
		got := b.documents(t, b.taker, there.of)
		if len(got) != 1 || got[0].Brief.Name.Reveal() != "identity.jpg" || got[0].Brief.What != "identity" || got[0].Brief.Text.Reveal() != "At the harbour." {
			t.Fatalf("%d documents there", len(got))
		}
		if from := got[0].Brief.Maker.Reveal(); from != "Office of XA" {
			t.Errorf("it says that it is from %q", from)
		}
		if sent := a.documents(t, a.amal, of); !slices.ContainsFunc(sent, func(d document.Document) bool { return bytes.Equal(d.After, got[0].Before) }) {
			t.Error("it is not the file that was sent")
		}
		if v := there.view(t, b.taker); v.Unfiled != 0 || slices.Contains(v.May, referral.FileAway) {
			t.Errorf("%d are not filed", v.Unfiled)
		}
		a.sound(t)
		b.sound(t)
	})
}

// TestWhatDoesNotGoAlong: what is withheld from anybody, papers of a court, what is locked, and
// documents of another case are neither offered nor sent.
func TestWhatDoesNotGoAlong(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		a, b := across(t, o, accesstest.New(t))
		spool := keepsDocuments(t, a, b)
		of, other := a.child(t), a.child(t)
		a.checked(t, of)
		free, court, away := a.adds(t, of, "identity", 40), a.adds(t, of, "court", 41), a.adds(t, of, "medical", 42)
		shut, elsewhere := a.adds(t, of, "photo", 43), a.adds(t, other, "photo", 44)
		err := errors.Join(
			a.cases.WithholdPart(ctx, a.again(a.boss), command(), of, access.DocumentPart(away), casework.Withholding{
				From: a.shelter.Staff(), Decided: sealed.NewText("Youth court"), Why: sealed.NewText("Under seal."),
			}),
			a.cases.LockDocument(ctx, a.again(a.amal), command(), of, shut, sealed.Text{}))
		if err != nil {
			t.Fatal(err)
		}
		offered, err := a.room.Enclosable(ctx, a.again(a.amal), of)
		if err != nil || len(offered) != 1 || offered[0].ID != free {
			t.Errorf("%d are offered, %v", len(offered), err)
		}
		if all, err := a.room.Enclosable(ctx, a.again(a.taker), of); err == nil || len(all) != 0 {
			t.Errorf("%d are offered to another unit, %v", len(all), err)
		}
		for what, ids := range map[string][]ident.Document{
			"a court's paper": {court}, "one that is withheld": {away}, "one that is locked": {shut}, "one of another case": {elsewhere}, "one twice": {free, free},
		} {
			f := a.letterTo("referral")
			f.Files = ids
			if _, err := a.sends(of, f); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", what, err)
			}
		}
		if len(spool.files) != 0 {
			t.Error("something was sealed that does not leave")
		}
	})
}

// TestWhatDoesNotLeaveIsForgotten: the sealed file of an offer with which the second person
// does not agree is dropped, and so is that of one that could not be sent.
func TestWhatDoesNotLeaveIsForgotten(t *testing.T) {
	a, b := countries(t)
	spool := keepsDocuments(t, a, b)
	of := a.child(t)
	a.decided(t, of)
	f := a.letterTo("transfer") // two persons, each time
	f.Files = []ident.Document{a.adds(t, of, "identity", 40)}
	if _, err := a.sends(of, f); fault.CodeOf(err) != "protection-first" || len(spool.files) != 0 {
		t.Errorf("without a protection check: %v, %d files left", err, len(spool.files))
	}
	a.checked(t, of)
	id, err := a.sends(of, f)
	if err != nil || len(spool.files) != 1 {
		t.Fatalf("%v, %d files", err, len(spool.files))
	}
	no := referral.Second{Comment: sealed.NewText("Not this one.")}
	if err := a.room.SecondLook(ctx, a.again(a.boss), command(), of, id, no); err != nil {
		t.Fatal(err)
	}
	if len(spool.files) != 0 {
		t.Error("what does not leave lies there still")
	}
}

// TestFilesAreFiledAgain: where the documents could not be made when the child was taken on,
// the page of the thread offers it; by somebody else it is refused.
func TestFilesAreFiledAgain(t *testing.T) {
	a, b := countries(t)
	spool := keepsDocuments(t, a, b)
	of := a.child(t)
	a.checked(t, of)
	a.lets(t, of, a.adds(t, of, "identity", 40))
	carry(t, a, b)
	there := b.came(t)
	spool.fail = fault.New(fault.Unavailable, "enclosure-missing")
	there.does(t, b.taker, handover.Accept, handover.Start)
	if v := there.view(t, b.taker); v.Unfiled != 1 || !slices.Contains(v.May, referral.FileAway) {
		t.Fatalf("%d are not filed, may %v", v.Unfiled, v.May)
	}
	if len(b.documents(t, b.taker, there.of)) != 0 {
		t.Error("half a document is there")
	}
	spool.fail = nil
	files := referral.Answer{Event: referral.FileAway}
	if err := b.room.MoveAbroad(ctx, b.again(b.amal), command(), there.of, there.id, files); err == nil {
		t.Error("somebody files who does not work on the case")
	}
	for range 2 {
		if err := b.room.MoveAbroad(ctx, b.again(b.taker), command(), there.of, there.id, files); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(b.documents(t, b.taker, there.of)); n != 1 || there.view(t, b.taker).Unfiled != 0 {
		t.Errorf("%d documents", n)
	}
	b.sound(t)
}

// TestFilesUnderConditionsStayOutOfTheRecord: what is to be destroyed on a day, or read by some
// roles alone, does not become a document that outlives the day and that others read.
func TestFilesUnderConditionsStayOutOfTheRecord(t *testing.T) {
	for name, change := range map[string]func(*cx.Labels, time.Time){
		"a day":      func(l *cx.Labels, now time.Time) { l.RetainUntil = now.AddDate(0, 1, 0).UTC().Truncate(time.Second) },
		"some roles": func(l *cx.Labels, _ time.Time) { l.Roles = []string{access.RoleCaseWorker} },
	} {
		t.Run(name, func(t *testing.T) {
			a, b := countries(t)
			keepsDocuments(t, a, b)
			of := a.child(t)
			a.checked(t, of)
			a.lets(t, of, a.adds(t, of, "identity", 40))
			for i := range a.posted {
				change(&a.posted[i].d.Labels, a.Clock.Now())
			}
			carry(t, a, b)
			there := b.came(t)
			there.does(t, b.taker, handover.Accept, handover.Start)
			v := there.view(t, b.taker)
			if len(v.Files) != 1 || v.Unfiled != 0 || slices.Contains(v.May, referral.FileAway) {
				t.Errorf("%d came, %d wait to be filed, may %v", len(v.Files), v.Unfiled, v.May)
			}
			err := b.room.MoveAbroad(ctx, b.again(b.taker), command(), there.of, there.id, referral.Answer{Event: referral.FileAway})
			if !fault.Is(err, fault.Conflict) || len(b.documents(t, b.taker, there.of)) != 0 {
				t.Errorf("it was filed: %v", err)
			}
		})
	}
}
