package forms_test

import (
	"bytes"
	"testing"

	"causeway/internal/forms"
	"causeway/internal/pack"
)

// Every form of the neutral pack can be written and read again, and is then
// written alike.
func TestPlainIsReadAgain(t *testing.T) {
	p, err := pack.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range p.Forms() {
		first, err := forms.Parse(p.Form(name), p)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		once, err := first.Plain().JSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := forms.Parse(once, p)
		if err != nil {
			t.Fatalf("%s, written anew: %v", name, err)
		}
		twice, err := again.Plain().JSON()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(once, twice) {
			t.Errorf("%s is written in two ways", name)
		}
		var asked, lost int
		for i := range first.Sections {
			for j := range first.Sections[i].Fields {
				q := &first.Sections[i].Fields[j]
				asked++
				if r := again.Field(q.ID); r == nil || r.Kind != q.Kind || r.Show.String() != q.Show.String() || len(r.Options) != len(q.Options) || r.Need != q.Need {
					lost++
				}
			}
		}
		if again.Step != first.Step || again.For != first.For {
			t.Errorf("%s is for %s, %s; was for %s, %s", name, again.For, again.Step, first.For, first.Step)
		}
		if asked == 0 || lost > 0 {
			t.Errorf("%s: %d of %d questions are not what they were", name, lost, asked)
		}
	}
}
