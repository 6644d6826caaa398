package e2e_test

import (
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"causeway/internal/demo"

	"golang.org/x/sync/errgroup"
)

// world is the whole demo: three nodes that are served and exchange over TLS.
type world struct {
	sites []demo.Site
	urls  []string
}

// countries makes and serves the whole demo with a few children.
func countries(t *testing.T) *world {
	t.Helper()
	lns := make([]net.Listener, demo.Nodes)
	for i := range lns {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		lns[i] = ln
	}
	sites, err := demo.StartAll(t.Context(), filepath.Join(t.TempDir(), "node"), lns, 40, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{sites: sites, urls: make([]string, len(sites))}
	var up sync.WaitGroup
	up.Add(len(sites))
	g, ctx := errgroup.WithContext(t.Context())
	for i, s := range sites {
		g.Go(func() error {
			return s.Node.ServeOn(ctx, lns[i], func(url string) {
				w.urls[i] = url
				up.Done()
			})
		})
	}
	t.Cleanup(func() { // the test's context has ended by then
		if err := g.Wait(); err != nil {
			t.Errorf("a node stopped: %v", err)
		}
	})
	up.Wait()
	return w
}

// on lets somebody of a node's unit sit down at a phone.
func (w *world) on(t *testing.T, node int, unit, role, language string) *walker {
	t.Helper()
	i := slices.IndexFunc(w.sites[node].Logins, func(l demo.Login) bool { return l.Unit == unit && l.Role == role })
	if i < 0 {
		t.Fatalf("node %d has no %s at %s", node, role, unit)
	}
	b := &walker{taps: onPhone(t, language, true), prose: marked("As the child said it.")}
	b.home = w.urls[node]
	b.signIn(w.sites[node].Logins[i])
	return b
}

// came returns what waits from other countries, as addresses.
func (w *walker) came() []string {
	w.t.Helper()
	w.open("/abroad")
	all := w.ask(`[...document.querySelectorAll('section[aria-labelledby="a-in"] li a')].map(a => a.getAttribute("href")).join(" ")`)
	return strings.Fields(all)
}

// waits looks again and again until something that came over the line is there.
func (w *walker) waits(what string, there func() bool) {
	w.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if there() {
			return
		}
	}
	w.lost()
	w.t.Fatalf("%s never comes: %s: %s", what, w.path(), w.text("main"))
}

// shows waits until a page says something.
func (w *walker) shows(page, text string) {
	w.t.Helper()
	w.waits(text, func() bool {
		w.open(page)
		return strings.Contains(w.text("main"), text)
	})
}

// TestTwoCountriesInTwoWindows: a case worker asks an office abroad for a child, after the
// protection check; the office sees a card without a name, accepts, and the sender sees
// that it did. What passes goes over TLS between two nodes.
func TestTwoCountriesInTwoWindows(t *testing.T) {
	if testing.Short() {
		t.Skip("three nodes take a while")
	}
	const called = "Perrin Oakhallow"
	w := countries(t)
	here := w.on(t, 0, "Saltmere team", "case_worker", "en")
	there := w.on(t, 1, "نقطة الاتصال الوطنية", "case_worker", "ar")

	before := there.came()

	here.child = here.register(called)
	here.see("/abroad")
	here.says("main", "Protection check")
	here.does("/protection", answers{"abroad_country": "XB", "abroad_asylum": "no_need", "abroad_office_clear": "clear", "abroad_view": "agrees"})
	here.see("/abroad")
	here.fills(answers{
		"abroad_office": "xb.ncpo", "abroad_purpose": "referral", "service": "emergency_shelter", "referral_urgency": "soon", "language": "en",
		"abroad_view": "agrees", "reason": "Her aunt lives in the valley.", "written_language": "en", "legal_basis": "public_task",
		"norm": "Children's Act, article 31", "disclosure_part": "identity",
	}, "main button.main")
	here.plainly("abroad-preview")
	here.says("main", called)
	here.send()
	thread := here.path()
	if !strings.HasPrefix(thread, "/referral/") {
		t.Fatalf("nothing was sent: %s: %s", here.path(), here.text("main"))
	}

	// The card, without a name, then what was sent.
	var card string
	there.waits("the card", func() bool {
		fresh := slices.DeleteFunc(there.came(), func(href string) bool { return slices.Contains(before, href) })
		if len(fresh) > 0 {
			card = fresh[0]
		}
		return card != ""
	})
	there.plainly("abroad-came")
	there.open(card)
	there.plainly("abroad-card")
	there.unnamed(called, "aunt lives")
	here.shows(thread, "The other office has it")
	there.open(card + "/accept")
	there.plainly("abroad-accept")
	there.fills(nil, "main button.main")
	there.open(card)
	there.plainly("abroad-accepted")
	there.says("main", called)
	there.says("main", "Her aunt lives in the valley.")

	// The sender sees it, takes it back, and the office is told to stop.
	here.shows(thread, "Accepted")
	here.plainly("abroad-sent-accepted")

	// Meanwhile the other nodes cosigned the journal.
	here.waits("a witness", func() bool {
		h := w.sites[0].Node.Health(t.Context())
		return h.Witnessed && h.Settled > 0 && h.WitnessContradicts == 0
	})
}
