package web_test

import (
	"strings"
	"time"

	"causeway/internal/document/media"
	"causeway/internal/pack"
	"causeway/internal/web"
)

func documentPreviews(s scene) []preview {
	f, c := s.frame("children"), s.child(0)
	what := func(code string) string { return s.p.Label(pack.DocumentWhats, code, s.l.Code()) }
	photo := web.Document{
		Href: "/child/x/documents/y", Code: "k3t92mxa", State: "kept", Kept: true, What: what("drawing"), Kind: "jpeg", Name: "IMG_20261124_0940.jpg",
		Text: "A house with a blue door and a boat. She drew it at breakfast.", Maker: "Selam", Taken: s.l.Date(day(-1)), Place: "The kitchen", Size: 734_003,
		At: previewNow.Add(-3 * time.Hour), By: "Hana T.", Scan: "clean",
	}
	sick := photo
	sick.State, sick.Kept, sick.What, sick.Kind, sick.Name, sick.Text, sick.Scan, sick.Found = "quarantined", false, what("court"), "pdf", "قرار المحكمة.pdf", "", "found", "Win.Test.EICAR_HDB-1"
	locked := web.Document{Href: "/child/x/documents/z", Code: "9f2mqqtp", State: "locked", Hidden: true, At: previewNow.AddDate(0, 0, -2), By: "عمر السيد"}
	sum := strings.Repeat("0f3a9c41", 8)
	events := []web.Event{
		{Kind: "document-added", At: photo.At, By: "Hana T.", To: photo.What},
	}
	page := web.DocumentPage{
		Frame: f, Child: c, Doc: photo, Before: sum, After: strings.Repeat("77d0b2e5", 8), Received: 801_112, Removed: []string{"exif", "thumbnail", "trailing"},
		Events: events, Looks: s.looks()[:2], Back: "/child/x/documents", Fetch: "/child/x/documents/y/file", Show: "/child/x/documents/y?show=1",
		Lock: "/child/x/documents/y/lock", Remove: "/child/x/documents/y/remove", More: true,
	}
	page.Frame.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	shut := page
	shut.Doc, shut.Removed, shut.Fetch, shut.Show, shut.Lock, shut.Remove, shut.Looks, shut.More = locked, nil, "", "", "", "", nil, false
	shut.Unit, shut.Number, shut.Waits, shut.Confirm = s.p.Label(pack.DocumentUnits, "abuse_images", s.l.Code()), "CAC-2026/118", "Hana T.", "/child/x/documents/z/confirm"
	shut.Events = []web.Event{
		{Kind: "document-asked", Tone: "late", At: previewNow, By: "Hana T.", Lines: []web.Line{{Label: "document_reference", Text: "CAC-2026/118"}}},
		{Kind: "document-locked", Tone: "late", At: previewNow.Add(-time.Hour), By: "Hana T."},
	}
	quarantine := page
	quarantine.Doc, quarantine.Fetch, quarantine.Show = sick, "", ""
	add := web.AddDocument{
		Frame: f, Child: c, Form: form("/child/x/documents/new", nil).Ask("file", s.l.T("documents.choose")), Whats: s.options(pack.DocumentWhats), Accept: strings.Join(media.Endings(), ","),
		Most: 32 << 20, Pieces: "/child/x/uploads", Piece: 256 << 10,
	}
	again := add
	again.Form = form("/child/x/documents/new", map[string][]string{"document_what": {"court"}, "document_place": {"?"}}, web.FieldError{Name: "file", Code: "document-kind"}).Ask("file", s.l.T("documents.choose"))
	again.Unfinished = []web.Upload{{ID: "u", Size: 9_437_184, Percent: 62, Name: "recording 3.m4a", Expires: previewNow.Add(20 * time.Hour)}}
	act := func(name string, d web.Document, errors ...web.FieldError) web.DocumentAct {
		return web.DocumentAct{Frame: f, Child: c, Doc: d, Act: name, Back: d.Href, Form: form(d.Href+"/"+name, nil, errors...).Ask("reason", s.l.Word("documentwhy", name))}
	}
	lock, destroy := act("lock", photo), act("destroy", locked)
	lock.Unit, destroy.Unit = shut.Unit, shut.Unit
	return []preview{
		{"documents", web.Documents{Frame: f, Child: c, Rows: []web.Document{photo, sick, locked}, Add: "/child/x/documents/new"}},
		{"documents-empty", web.Documents{Frame: f, Child: c, Add: "/child/x/documents/new"}},
		{"document", page},
		{"document-locked", shut},
		{"document-quarantined", quarantine},
		{"document-new", add},
		{"document-new-wrong", again},
		{"document-lock", lock},
		{"document-remove", act("remove", photo, web.FieldError{Name: "reason", Code: "required"})},
		{"document-destroy", destroy},
		{"document-confirm", act("confirm", locked)},
	}
}
