package causeway_test

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestHouseFinds builds small houses with one fault each and expects the fault
// to be named: a rule that never fires protects nobody.
func TestHouseFinds(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  []string // one part of each message, in order
	}{
		{"a sound house", map[string]string{
			"internal/person/person.go":          `package person; import _ "causeway/internal/access"`,
			"internal/access/access.go":          `package access; import _ "causeway/internal/journal"`,
			"internal/journal/journal.go":        `package journal; import _ "causeway/internal/store"`,
			"internal/store/store.go":            `package store; import _ "github.com/jackc/pgx/v5/stdlib"`,
			"internal/store/storetest/helper.go": `package storetest; import _ "causeway/internal/store"`,
			"internal/clock/clock.go":            `package clock; import "time"; var now = time.Now`,
			"internal/web/page.html":             `{{.Name.Reveal}}`,
		}, nil},
		{"an import upwards", map[string]string{
			"internal/access/a.go": `package access; import _ "causeway/internal/person"`,
		}, []string{"internal/access/a.go:1: internal/access (floor 1) imports internal/person (floor 2)"}},
		{"a missing side door", map[string]string{
			"internal/person/p.go": "package person\n\nimport _ \"causeway/internal/casework\"",
		}, []string{"internal/person/p.go:3: internal/person (floor 2) imports internal/casework"}},
		{"a wall crossed through another room", map[string]string{
			"internal/gaps/g.go":      `package gaps; import _ "causeway/internal/directory"`,
			"internal/directory/d.go": `package directory; import _ "causeway/internal/person"`,
		}, []string{
			"internal/directory (floor 2) imports internal/person",
			"internal/gaps reaches internal/person (internal/gaps -> internal/directory -> internal/person)",
		}},
		{"a wall crossed from below a room", map[string]string{
			"internal/peer/inner/g.go": `package inner; import _ "causeway/internal/person"`,
		}, []string{"internal/peer reaches internal/person"}},
		{"an unknown package", map[string]string{
			"internal/util/u.go":  `package util`,
			"internal/web/web.go": `package web; import _ "causeway/internal/util"`,
		}, []string{"package internal/util is not in the table", "imports internal/util, which is not in the table"}},
		{"a package in the root", map[string]string{"x.go": `package causeway`}, []string{"package . is not in the table"}},
		{"Reveal where it may not be", map[string]string{
			"internal/consent/c.go":     `package consent; func f(t interface{ Reveal() string }) string { return t.Reveal() }`,
			"internal/deadline/page.go": `package deadline; import "causeway/internal/sealed"; var f = sealed.Text.Reveal`,
			"internal/stats/page.html":  "<p>\n{{.Name.Reveal}}",
		}, []string{"c.go:1: internal/consent uses .Reveal", "page.go:1: internal/deadline uses .Reveal", "page.html:2: internal/stats uses .Reveal"}},
		{"a driver outside store", map[string]string{
			"internal/web/w.go":     `package web; import _ "github.com/ncruces/go-sqlite3/driver"`,
			"internal/access/db.go": `package access; import "database/sql"; var open = sql.Open`,
		}, []string{"uses database/sql.Open", "uses github.com/ncruces/go-sqlite3/driver"}},
		{"keys in a room", map[string]string{
			"internal/casework/k.go": `package casework; import "causeway/internal/keys"; func f(*keys.Sealer) { keys.New(nil, nil) }`,
		}, []string{"internal/casework uses causeway/internal/keys.New"}},
		{"the plain form under another name", map[string]string{
			"internal/access/s.go": `package access; import x "causeway/internal/sealed"; var _, _ = x.Encode(nil)`,
		}, []string{"uses causeway/internal/sealed.Encode"}},
		{"the machine's clock and chance", map[string]string{
			"internal/web/t.go": `package web; import (clk "time"; "math/rand/v2"); var _, _ = clk.Now(), rand.Int()`,
		}, []string{"uses math/rand/v2", "uses time.Now"}},
		{"a dot import", map[string]string{
			"internal/web/t.go": `package web; import . "time"; var _ = Now()`,
		}, []string{"a dot import hides"}},
		{"printing and the global log", map[string]string{
			"internal/node/n.go": `package node; import ("fmt"; "log"); func f() { fmt.Println(); log.Print() }`,
			"cmd/causeway/m.go":  `package main; import "fmt"; func main() { fmt.Println() }`,
		}, []string{"uses fmt.Println", "uses log;"}},
		{"a test helper in the program", map[string]string{
			"internal/web/w.go": `package web; import _ "causeway/internal/store/storetest"`,
		}, []string{"which only tests may import"}},
		{"what the rules do not read", map[string]string{
			"internal/web/w_test.go":     `package web; import _ "causeway/internal/demo"`,
			"internal/web/testdata/x.go": `package x; import "log"; var _ = log.Print`,
			"tools/go.mod":               `module tools`,
			"tools/lint/l.go":            `package main; import "log"; var _ = log.Print`,
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree := fstest.MapFS{}
			for name, text := range tt.files {
				tree[name] = &fstest.MapFile{Data: []byte(text)}
			}
			h, err := readHouse(tree)
			if err != nil {
				t.Fatal(err)
			}
			got := h.check()
			if len(got) != len(tt.want) {
				t.Fatalf("got %d faults, want %d:\n%s", len(got), len(tt.want), strings.Join(got, "\n"))
			}
			for i, want := range tt.want {
				if !strings.Contains(got[i], want) {
					t.Errorf("fault %d:\ngot  %s\nwant %s", i, got[i], want)
				}
			}
		})
	}
}

// TestHouseRefusesBrokenSource: a file that cannot be parsed is not silently
// passed over.
func TestHouseRefusesBrokenSource(t *testing.T) {
	_, err := readHouse(fstest.MapFS{"internal/web/w.go": {Data: []byte("package")}})
	if err == nil {
		t.Error("got no error for a file that does not parse")
	}
}
