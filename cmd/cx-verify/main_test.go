package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

const packs = "../../protocol/proof/testdata/"

// The fingerprints of the invented nodes in the packs of package proof.
var told = readTold()

func readTold() []string {
	var args []string
	b, err := os.ReadFile("testdata/told.txt")
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(b)) {
		args = append(args, "--trust", strings.TrimSpace(line))
	}
	return args
}

func TestVerify(t *testing.T) {
	for _, tt := range []struct {
		name string
		args []string
		want int
	}{
		{"whole", append(told[:len(told):len(told)], packs+"whole.zip"), proven},
		{"not-compared", []string{packs + "whole.zip"}, incomplete},
		{"unanswered", append(told[:len(told):len(told)], packs+"unanswered.zip"), incomplete},
		{"doubtful", append(told[:len(told):len(told)], packs+"doubtful.zip"), incomplete},
		{"forged", append(told[:len(told):len(told)], packs+"forged.zip"), forged},
		{"another-fingerprint", []string{"--trust", "xa.dcs=" + strings.Repeat("1", 50), packs + "whole.zip"}, forged},
		{"usage", nil, unreadable},
		{"no-file", []string{"testdata/none.zip"}, unreadable},
		{"no-pack", []string{"main.go"}, unreadable},
		{"no-fingerprint", []string{"--trust", "xa.dcs", packs + "whole.zip"}, unreadable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			if got := run(tt.args, &stdout, &stderr); got != tt.want {
				t.Errorf("exit status %d, want %d\n%s", got, tt.want, stderr.String())
			}
			if tt.want == unreadable && stdout.Len() > 0 {
				t.Errorf("said something about what cannot be read: %s", stdout.String())
			}
			golden := filepath.Join("testdata", tt.name+".txt")
			all := stdout.String() + "--- stderr\n" + stderr.String()
			if *update {
				if err := os.WriteFile(golden, []byte(all), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(all, string(want)); diff != "" {
				t.Errorf("(-got +want):\n%s", diff)
			}
		})
	}
}

func TestPrintable(t *testing.T) {
	if got := printable([]byte("a\x1b[2J\u202eb ü")); got != "a\ufffd[2J\ufffdb ü" {
		t.Errorf("printable = %q", got)
	}
}
