package web_test

import (
	"bytes"
	"compress/gzip"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"causeway/internal/locale"
	"causeway/internal/web"
)

// Budgets of DESIGN section 12 and the interface research: what a first visit
// may cost on a slow network, compressed.
const (
	firstVisitBudget = 30 << 10
	islandBudget     = 15 << 10
)

func gzipped(b []byte) int {
	var out bytes.Buffer
	zw := gzip.NewWriter(&out)
	_, _ = zw.Write(b)
	_ = zw.Close()
	return out.Len()
}

func TestFirstVisitIsLight(t *testing.T) {
	r, assets := newRenderer(t)
	fixed := 0
	for _, name := range []string{"app.css", "app.js", "passkey.js", "icon.svg"} {
		fixed += len(fetch(t, assets, name, "gzip").Body.Bytes())
	}
	islands := 0
	scripts, err := filepath.Glob("static/*.js")
	if err != nil || len(scripts) < 2 {
		t.Fatalf("no islands: %v, %v", scripts, err)
	}
	for _, path := range scripts {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		islands += gzipped(text)
	}
	if islands > islandBudget {
		t.Errorf("islands weigh %d bytes in all, budget %d", islands, islandBudget)
	}
	worst, which := 0, ""
	for _, l := range locale.Languages() {
		for _, p := range all(newScene(t, l.Code())) {
			html, release, err := r.HTML(l, p.view)
			if err != nil {
				t.Fatal(err)
			}
			n := fixed + gzipped(html)
			release()
			if n > worst {
				worst, which = n, l.Code()+"/"+p.name
			}
			if n > firstVisitBudget {
				t.Errorf("first visit to %s/%s costs %d bytes, budget %d", l.Code(), p.name, n, firstVisitBudget)
			}
		}
	}
	t.Logf("assets %d bytes, islands %d, heaviest first visit %d (%s)", fixed, islands, worst, which)
}

func fetch(t *testing.T, assets *web.Assets, name, encoding string) *httptest.ResponseRecorder {
	t.Helper()
	path, err := assets.Path(name)
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest(http.MethodGet, path, nil)
	req.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	assets.ServeHTTP(w, req)
	if w.Code != http.StatusOK {
		t.Fatalf("%s: status %d", path, w.Code)
	}
	return w
}

func TestAssetsMayBeKeptForAYear(t *testing.T) {
	_, assets := newRenderer(t)
	w := fetch(t, assets, "app.css", "br")
	if got := w.Header().Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("Cache-Control = %q", got)
	}
	if w.Header().Get("Content-Encoding") != "" {
		t.Error("compressed for a browser that cannot read gzip")
	}
	req := httptest.NewRequest(http.MethodGet, "/static/app.old.css", nil)
	gone := httptest.NewRecorder()
	assets.ServeHTTP(gone, req)
	if gone.Code != http.StatusNotFound {
		t.Errorf("unknown asset: status %d", gone.Code)
	}
}

func TestPagesAreNeverCached(t *testing.T) {
	r, _ := newRenderer(t)
	h := web.SecurityHeaders(true, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if err := r.Write(w, req, locale.Get("fr"), http.StatusOK, web.SignIn{}); err != nil {
			t.Error(err)
		}
	}))
	req := httptest.NewRequest(http.MethodGet, "/signin", nil)
	req.Header.Set("Accept-Encoding", "gzip;q=0")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	for name, want := range map[string]string{
		"Cache-Control": "no-store", "Content-Language": "fr", "X-Content-Type-Options": "nosniff",
		"Content-Security-Policy": web.ContentSecurityPolicy, "Content-Encoding": "",
		"Strict-Transport-Security": "max-age=31536000; includeSubDomains",
	} {
		if got := w.Header().Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
}

// pairs are the colours that pages put on one another, with the least ratio
// (WCAG 2.2: 4.5 for text, 3 for borders of controls and signs).
var pairs = []struct {
	front, back string
	least       float64
}{
	{"ink", "paper", 7},
	{"ink", "card", 7},
	{"ink", "sunk", 7},
	{"ink", "warm", 7},
	{"ink-2", "paper", 4.5},
	{"ink-2", "card", 4.5},
	{"ink-2", "sunk", 4.5},
	{"ink-2", "warm", 4.5},
	{"river", "paper", 4.5},
	{"river", "card", 4.5},
	{"river", "mint", 4.5},
	{"river", "sunk", 4.5},
	{"on-river", "river", 4.5},
	{"river-deep", "mist", 4.5},
	{"danger", "card", 4.5},
	{"danger", "rose", 4.5},
	{"danger", "paper", 4.5},
	{"amber", "sand", 4.5},
	{"leaf", "mint", 4.5},
	{"leaf", "card", 4.5},
	{"sky", "ice", 4.5},
	{"plum", "lilac", 4.5},
	{"on-bar", "bar", 4.5},
	{"control", "paper", 3},
	{"control", "card", 3},
	{"focus", "ring", 3},
}

func TestColoursCanBeRead(t *testing.T) {
	b, err := os.ReadFile("static/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, _ := strings.Cut(string(b), "@media")
	tokens := colours(light)
	check(t, "light", tokens)
	for name, c := range colours(dark) {
		tokens[name] = c
	}
	check(t, "dark", tokens)
}

func check(t *testing.T, mode string, tokens map[string][3]float64) {
	t.Helper()
	for _, p := range pairs {
		front, ok := tokens[p.front]
		back, ok2 := tokens[p.back]
		if !ok || !ok2 {
			t.Errorf("token %s or %s does not exist", p.front, p.back)
			continue
		}
		if got := contrast(front, back); got < p.least {
			t.Errorf("%s: %s on %s has ratio %.2f, want at least %.1f", mode, p.front, p.back, got, p.least)
		}
	}
}

var token = regexp.MustCompile(`--([a-z0-9-]+): #([0-9A-Fa-f]{6})`)

func colours(css string) map[string][3]float64 {
	out := map[string][3]float64{}
	for _, m := range token.FindAllStringSubmatch(css, -1) {
		n, err := strconv.ParseUint(m[2], 16, 32)
		if err != nil {
			continue
		}
		out[m[1]] = [3]float64{float64(n >> 16 & 255), float64(n >> 8 & 255), float64(n & 255)}
	}
	return out
}

// contrast is the ratio of WCAG 2.2, section 1.4.3.
func contrast(a, b [3]float64) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c [3]float64) float64 {
	var l [3]float64
	for i, v := range c {
		v /= 255
		if v <= 0.04045 {
			l[i] = v / 12.92
		} else {
			l[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*l[0] + 0.7152*l[1] + 0.0722*l[2]
}

// TestStyleFollowsTheReadingDirection refuses left and right in style sheets:
// they would be wrong in Arabic. The arrow of a select has no logical form.
func TestStyleFollowsTheReadingDirection(t *testing.T) {
	physical := regexp.MustCompile(`(?:^|[{;\s])(?:left|right|(?:margin|padding|border)-(?:left|right|top|bottom)|top|bottom|width|height|min-width|max-width|min-height|max-height)\s*:`)
	files, err := os.ReadDir("static")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".css") {
			continue
		}
		b, err := os.ReadFile("static/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(b), "\n") {
			if strings.Contains(line, "@media") {
				continue
			}
			if m := physical.FindString(line); m != "" {
				t.Errorf("%s:%d: physical property %q", f.Name(), i+1, m)
			}
		}
	}
}

// TestStyleKnowsEveryToken finds a colour that is used and never defined.
func TestStyleKnowsEveryToken(t *testing.T) {
	_, assets := newRenderer(t)
	css := fetch(t, assets, "app.css", "").Body.String()
	for _, m := range regexp.MustCompile(`var\((--[a-z0-9-]+)\)`).FindAllStringSubmatch(css, -1) {
		if !strings.Contains(css, m[1]+":") {
			t.Errorf("token %s is not defined", m[1])
		}
	}
}
