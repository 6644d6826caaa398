package causeway_test

import (
	"os"
	"strings"
	"testing"
)

// The house, as data. A package imports packages of lower floors; on its own
// floor only through a side door; and it never reaches what a wall forbids, not
// even through others. Rooms that are planned are listed already; a package on
// disk that is not listed is a fault. To change a line here, change
// docs/ARCHITECTURE.md in the same commit and say why.
//
// The rules hold for ordinary files. Test files may import what they need.

const (
	ground = iota
	keepers
	rooms
	doors
	wiring
)

// floors names every package's floor. A directory below a listed one belongs to
// it (internal/store/storetest belongs to internal/store).
var floors = map[string]int{
	"cmd/causeway": wiring, "cmd/cx-verify": wiring,
	"internal/node": wiring, "internal/demo": wiring, "internal/bench": wiring, "internal/backup": wiring,
	"internal/e2e": wiring, // tests of the whole, no code of its own

	"internal/web": doors, "internal/voiceweb": doors, "internal/api": doors, "internal/peer": doors, "internal/intake": doors,

	"internal/person": rooms, "internal/consent": rooms, "internal/forms": rooms, "internal/screening": rooms, "internal/casework": rooms,
	"internal/referral": rooms, "internal/directory": rooms, "internal/deadline": rooms, "internal/exchange": rooms,
	"internal/match": rooms, "internal/voice": rooms, "internal/answer": rooms, "internal/proceedings": rooms,
	"internal/network": rooms, "internal/gaps": rooms, "internal/stats": rooms, "internal/document": rooms,
	"internal/oversight": rooms,

	"internal/access": keepers, "internal/staff": keepers, "internal/journal": keepers, "internal/keys": keepers,
	"internal/facts": keepers,

	"internal/store": ground, "internal/sealed": ground, "internal/ident": ground, "internal/fault": ground,
	"internal/clock": ground, "internal/locale": ground, "internal/pack": ground, "internal/names": ground,
	"internal/linkage": ground, "internal/fixture": ground, "internal/sso": ground, "internal/mail": ground, "packs": ground, "protocol": ground,
}

// sideDoors lists who may import whom on the same floor.
var sideDoors = map[string][]string{
	"cmd/causeway":   {"internal/node", "internal/demo", "internal/bench", "internal/backup"}, // commands start what was wired
	"internal/demo":  {"internal/node"},                                                       // a demo is a node with invented people
	"internal/node":  {"internal/backup"},                                                     // a node keeps its restrictions file and backs itself up
	"internal/bench": {"internal/node", "internal/demo", "internal/backup"},                   // measures the wired program

	"internal/casework": {"internal/screening", "internal/person", "internal/consent", "internal/deadline", "internal/forms", "internal/document"},
	"internal/referral": {"internal/casework", "internal/consent", "internal/directory"},
	"internal/network":  {"internal/proceedings"},
	"internal/gaps":     {"internal/directory"},
	"internal/answer":   {"internal/voice"},

	"internal/access":  {"internal/staff", "internal/journal", "internal/keys"},
	"internal/staff":   {"internal/journal", "internal/keys"}, // staff names are sealed under the node's key
	"internal/journal": {"internal/keys"},

	// fault and clock lie under the rest of the ground.
	"internal/store":   {"internal/fault", "internal/clock", "internal/ident"},
	"internal/ident":   {"internal/fault"},
	"internal/sealed":  {"internal/fault"},
	"internal/locale":  {"internal/fault"},
	"internal/names":   {"internal/locale"},
	"internal/linkage": {"internal/names", "internal/fault"},
	"internal/pack":    {"internal/locale", "internal/fault", "internal/clock", "packs"},
	"internal/sso":     {"internal/fault", "internal/clock"},
	"internal/mail":    {"internal/fault", "internal/clock"},
	"internal/fixture": {"internal/locale", "internal/fault", "internal/clock", "internal/ident", "internal/sealed", "internal/names", "internal/pack"},
}

type wall struct {
	from, to []string
	why      string
}

// walls may not be crossed, directly or through others.
var walls = []wall{
	{
		[]string{
			"internal/network", "internal/proceedings", "internal/stats", "internal/gaps", "internal/voice",
			"internal/match", "internal/exchange", "internal/peer",
		},
		[]string{"internal/person"},
		"work on offenders, figures and other nodes cannot lead to a child's name",
	},
	{
		[]string{"internal/voiceweb", "internal/voice"},
		[]string{"internal/access", "internal/person"},
		"the children's channel knows no staff and no records; it seals and cannot read",
	},
	{
		[]string{"protocol"},
		[]string{"internal/store"},
		"wire formats are pure code that others can build on",
	},
}

type reserve struct {
	what string            // what is reserved, for the message
	uses []string          // import paths ("a/..." with all below), "path.Name" ("path.*" all of them), ".Method"
	only map[string]string // package and its reason
	why  string
}

// free may be named everywhere, whatever the patterns below say.
var free = []string{"causeway/internal/keys.Sealer", "causeway/internal/keys.Opener"}

// reserved lists what only few packages may use.
var reserved = []reserve{
	{
		"showing a sealed value",
		[]string{".Reveal"},
		map[string]string{
			"internal/sealed":   "defines it",
			"cmd/causeway":      "prints sign-in names on the operator's terminal",
			"internal/node":     "finds the worker whose sign-in name an import gives",
			"internal/web":      "shows the record to the person whom access let in",
			"internal/api":      "answers a partner whom access let in",
			"internal/answer":   "shows staff what a child wrote to them",
			"internal/person":   "compares names and identifiers",
			"internal/casework": "measures what was typed, reads a case number out of a search",
			"internal/forms":    "measures what was typed, works out conditions and sums over it",
			"internal/intake":   "writes the file somebody was allowed to take out",
			"internal/referral": "builds the payload sealed to another node",
		},
		"every other package carries sealed values without seeing them",
	},
	{
		"a database driver",
		[]string{
			"github.com/ncruces/go-sqlite3/...", "github.com/jackc/pgx/...", "github.com/pressly/goose/...",
			"modernc.org/sqlite/...", "github.com/mattn/go-sqlite3/...", "github.com/lib/pq/...",
			"database/sql.Open", "database/sql.OpenDB", "database/sql.Register",
		},
		map[string]string{"internal/store": "opens the database for all"},
		"transactions, retries and rewrites live in one place",
	},
	{
		"CBOR",
		[]string{"github.com/fxamacker/cbor/..."},
		map[string]string{
			"internal/sealed":  "encodes sealed values",
			"internal/keys":    "encodes what is sealed",
			"internal/journal": "encodes entry headers",
			"protocol":         "encodes messages",
		},
		"one deterministic encoding, in few hands",
	},
	{
		"making and opening keys",
		[]string{"causeway/internal/keys.*"},
		map[string]string{
			"internal/access":  "hands out sealers and openers with a pass",
			"internal/staff":   "seals staff names",
			"internal/journal": "signs checkpoints",
			"internal/node":    "opens the keyring at start",
			"internal/demo":    "makes a keyring for invented people",
			"internal/bench":   "measures it",
			"internal/backup":  "keeps the keyring out of backups and checks it on restore",
			"cmd/causeway":     "asks the operator what protects the keyring",
		},
		"no subject key without an entry: rooms name the sealer and the opener their pass hands them, and no more",
	},
	{
		"the plain form of sealed values",
		[]string{"causeway/internal/sealed.Encode", "causeway/internal/sealed.Decode"},
		map[string]string{"internal/keys": "encrypts and decrypts it at once"},
		"the encoding holds the text in clear",
	},
	{
		"the machine's clock",
		[]string{"time.Now", "time.Since", "time.Until"},
		map[string]string{
			"internal/clock": "hands it to all others",
			"internal/bench": "measures how long something took",
			"cmd/causeway":   "tells the operator how long something took",
		},
		"time is injected, so that tests and the demo can say what day it is",
	},
	{
		"predictable randomness",
		[]string{"math/rand/..."},
		map[string]string{"internal/fixture": "the same seed makes the same invented people"},
		"randomness comes from crypto/rand",
	},
	{
		"printing",
		[]string{"fmt.Print", "fmt.Printf", "fmt.Println", "log"},
		map[string]string{"cmd/causeway": "talks to a terminal", "cmd/cx-verify": "talks to a terminal"},
		"logs go through the injected logger, results through an io.Writer",
	},
	{
		"invented people",
		[]string{"causeway/internal/fixture/..."},
		map[string]string{"internal/demo": "fills the demo", "internal/bench": "fills the measured database"},
		"they never enter a real node",
	},
	{"templates that do not escape", []string{"text/template"}, nil, "pages are html/template"},
	{"cgo", []string{"C"}, nil, "the binary is static and builds to the same bytes everywhere"},
}

func TestHouse(t *testing.T) {
	h, err := readHouse(os.DirFS("."))
	if err != nil {
		t.Fatalf("read the source: %v", err)
	}
	if len(h.files) == 0 {
		t.Fatal("no Go file found: the test does not run in the module's root")
	}
	for _, fault := range h.check() {
		t.Error(fault)
	}
}

// TestHouseTable finds slips of the pen in the tables themselves.
func TestHouseTable(t *testing.T) {
	known := func(table, room string) {
		if _, ok := floors[room]; !ok {
			t.Errorf("%s names %q, which has no floor", table, room)
		}
	}
	for from, to := range sideDoors {
		known("sideDoors", from)
		for _, room := range to {
			known("sideDoors", room)
			if floors[room] != floors[from] {
				t.Errorf("sideDoors: %s and %s are not on the same floor", from, room)
			}
		}
	}
	for _, w := range walls {
		for _, room := range append(append([]string{}, w.from...), w.to...) {
			known("walls", room)
		}
	}
	for _, r := range reserved {
		for room, reason := range r.only {
			known("reserved", room)
			if strings.TrimSpace(reason) == "" {
				t.Errorf("reserved: %s may use %s without a reason", room, r.what)
			}
		}
	}
}
