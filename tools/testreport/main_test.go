package main

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	const start = `{"Action":"start","Package":"p"}` + "\n"
	tests := []struct {
		name   string
		input  string
		noskip bool
		want   bool
		says   []string
		silent []string
	}{
		{
			name: "all pass",
			input: start + `{"Action":"output","Package":"p","Test":"TestA","Output":"chatter\n"}
{"Action":"pass","Package":"p","Test":"TestA","Elapsed":2.5}
{"Action":"pass","Package":"p","Elapsed":3}`,
			want: true, says: []string{"1 passed, 0 failed, 0 skipped, 1 packages", "2.5s  p TestA"}, silent: []string{"chatter"},
		},
		{
			name: "a failure shows its output",
			input: start + `{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:3: got 1, want 2\n"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"fail","Package":"p"}`,
			says: []string{"got 1, want 2", "FAIL p", "FAILED:\n  p TestA\n", "0 passed, 1 failed"},
		},
		{
			name: "a skip is listed with its reason",
			input: start + `{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:3: no PostgreSQL: set the variable\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"--- SKIP: TestA (0.00s)\n"}
{"Action":"skip","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p"}`,
			want: true, says: []string{"skipped:\n  no PostgreSQL: set the variable: p TestA\n"},
		},
		{
			name: "a skip fails where nothing may be skipped",
			input: start + `{"Action":"skip","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p"}`,
			noskip: true, says: []string{"no reason given: p TestA", "a skipped test counts as a failure here"},
		},
		{
			name: "skips for one reason are told once",
			input: start + `{"Action":"skip","Package":"p","Test":"TestD"}
{"Action":"skip","Package":"p","Test":"TestC"}
{"Action":"skip","Package":"p","Test":"TestB"}
{"Action":"skip","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p"}`,
			want: true, says: []string{"no reason given: p TestA, p TestB, p TestC, and 1 more\n", "4 skipped"},
		},
		{
			name:  "a package without tests is no skip",
			input: `{"Action":"skip","Package":"q"}` + "\n" + start + `{"Action":"pass","Package":"p"}`, noskip: true, want: true,
			says: []string{"0 skipped, 1 packages"},
		},
		{
			name: "a broken build",
			input: `{"ImportPath":"p [p.test]","Action":"build-output","Output":"./a.go:1:1: undefined: x\n"}
{"ImportPath":"p [p.test]","Action":"build-fail"}
` + start + `{"Action":"fail","Package":"p","FailedBuild":"p [p.test]"}`,
			says: []string{"undefined: x", "FAILED:\n  p\n"},
		},
		{
			name:  "a package that never ends",
			input: start + `{"Action":"pass","Package":"p","Test":"TestA"}`,
			says:  []string{"p: did not end"},
		},
		{name: "nothing ran", input: "go: no such flag\n", says: []string{"go: no such flag", "no test ran"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			r := newReport(&out)
			if err := r.read(strings.NewReader(tt.input)); err != nil {
				t.Fatal(err)
			}
			if got := r.finish(tt.noskip); got != tt.want {
				t.Errorf("got passed %v, want %v", got, tt.want)
			}
			for _, want := range tt.says {
				if !strings.Contains(out.String(), want) {
					t.Errorf("got\n%s\nwant it to say %q", out.String(), want)
				}
			}
			for _, not := range tt.silent {
				if strings.Contains(out.String(), not) {
					t.Errorf("got\n%s\nwant it not to say %q", out.String(), not)
				}
			}
		})
	}
}
