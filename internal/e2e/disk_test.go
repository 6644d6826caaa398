package e2e_test

import (
	"bytes"
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf16"

	"github.com/chromedp/chromedp"
)

// TestNothingStaysOnTheDisk types a marker everywhere text is typed, closes the
// browser and searches every file of its profile.
func TestNothingStaysOnTheDisk(t *testing.T) {
	if testing.Short() {
		t.Skip("the browser takes a while")
	}
	path := chromiumPath()
	if path == "" {
		lacking(t, "Chromium is not installed (set CAUSEWAY_CHROMIUM): its profile is not searched")
	}
	profile, err := os.MkdirTemp("", "causeway-e2e-disk-")
	if err != nil {
		t.Fatal(err)
	}
	defer removeProfile(profile)
	ctx, stop, err := launch(path, profile)
	if err != nil {
		t.Fatal(err)
	}
	b := &tab{t: t, ctx: ctx, script: true, language: "en", width: 1280}
	b.prepare()
	needles := b.leaveTraces()
	stop() // closed as a person closes it: the browser writes what it wants to keep
	searchProfile(t, profile, needles)
}

// searchProfile searches every file of a closed profile for what was typed.
func searchProfile(t *testing.T, profile string, needles []string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(profile, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		for _, needle := range needles {
			for form, pattern := range written(needle) {
				if bytes.Contains(data, pattern) {
					rel, _ := filepath.Rel(profile, path)
					t.Errorf("%q stays on the disk as %s in %s", needle, form, rel)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("search the profile: %v", err)
	}
	if files < 20 {
		t.Errorf("the profile has %d files: this was not a persistent profile", files)
	}
	t.Logf("%d files searched", files)
}

// written returns how a browser could have written a text.
func written(s string) map[string][]byte {
	var low, high []byte
	for _, u := range utf16.Encode([]rune(s)) {
		low, high = binary.LittleEndian.AppendUint16(low, u), binary.BigEndian.AppendUint16(high, u)
	}
	return map[string][]byte{"UTF-8": []byte(s), "UTF-16 LE": low, "UTF-16 BE": high}
}

// leaveTraces types markers at the door, into a search, a registration and a
// note: sent, refused and sent again, and left unsent.
func (b *tab) leaveTraces() []string {
	who := worker(b.t)
	needles := []string{who.Password, "zebrafinch", "quartzlily", "mossagate", "flintwren", "saltcedar", "graywacke", "bulrushes", "coltsfoot"}
	for _, n := range needles {
		marked(n)
	}
	b.open("/signin")
	b.write("account", "zebrafinch")
	b.write("password", "graywacke-password")
	b.send()
	b.write("account", who.Name)
	b.write("password", who.Password)
	b.send()
	b.open("/search")
	b.write("query", "quartzlily")
	b.send()
	b.open("/children/new/form")
	b.write("name", "bulrushes Child")
	b.send() // refused: comes back with the name
	b.write("name", "mossagate Child")
	b.write("age", "11")
	b.choose("birth_certainty", "probable")
	b.pick("sex", "male")
	b.choose("language", "en")
	b.choose("region", "XA-01")
	b.pick("risk", "low")
	b.pick("when", "3")
	b.pick("basis", "vital_interest")
	b.send()
	child := b.here()
	b.open(child + "/note")
	b.pick("kind", "conversation")
	b.choose("interpreter", "not_needed")
	b.write("words", "flintwren said the child")
	b.send()
	b.try("back", chromedp.NavigateBack())
	b.open(child + "/person") // a form that is filled in when it comes
	b.write("name_0", "coltsfoot Child")
	b.click(`main button[name="add"][value="name"]`)
	b.open(child + "/note")
	b.write("words", "saltcedar is never sent")
	b.open("/")
	return needles
}
