package pack_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"causeway/internal/pack"
)

// permitPurposes are purposes of permits, which no question is ever asked for.
var permitPurposes = map[string]bool{
	"handover": true, // a check waits for whoever takes it over
}

var purposePattern = regexp.MustCompile(`\b[pP]urpose(?:[A-Z]\w*)?\s*(?::|:?=)\s*"([a-z_-]+)"`)

// TestEveryPurposeIsInThePack: what the program does for a purpose that the pack does
// not have would be denied.
func TestEveryPurposeIsInThePack(t *testing.T) {
	p, used := demo(t), map[string]bool{}
	err := fs.WalkDir(os.DirFS(".."), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile("../" + path)
		for _, m := range purposePattern.FindAllStringSubmatch(string(text), -1) {
			if code := m[1]; !p.Valid(pack.Purposes, code) && !permitPurposes[code] {
				t.Errorf("%s: the purpose %q is not in lists/purpose.csv", path, code)
			}
			used[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range p.Codes(pack.Purposes) {
		if !used[code] {
			t.Errorf("nothing is done for the purpose %q", code)
		}
	}
}
