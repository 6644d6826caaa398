package bench

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"causeway/internal/ident"
	"causeway/internal/node"
)

// serve serves the town's pages on a port of its own while fn visits them, and
// closes the node.
func (t *town) serve(ctx context.Context, fn func(context.Context, *town, *visitor) error) error {
	return t.serveTo(ctx, func(ctx context.Context, t *town, at net.Addr) error {
		v, err := newVisitor(ctx, at, t.boss)
		if err != nil {
			return err
		}
		return fn(ctx, t, v)
	})
}

// serveTo is serve for a function that signs its visitors in itself.
func (t *town) serveTo(ctx context.Context, fn func(context.Context, *town, net.Addr) error) error {
	if err := t.open(ctx); err != nil {
		return err
	}
	ln, err := node.ListenFor("127.0.0.1:0")
	if err != nil {
		return err
	}
	serving, stop := context.WithCancel(ctx)
	defer stop()
	ready := make(chan struct{})
	done := make(chan error, 1)
	go func() { done <- t.ServeOn(serving, ln, func(string) { close(ready) }) }()
	select {
	case <-ready:
	case err := <-done:
		t.Node = nil
		return errors.Join(err, errors.New("the node does not serve"))
	}
	err = fn(ctx, t, ln.Addr())
	stop()
	err = errors.Join(err, <-done)
	t.Node = nil
	return err
}

// visitor is a signed-in browser without a screen.
type visitor struct {
	http *http.Client
	base string
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)

// newVisitor signs somebody in.
func newVisitor(ctx context.Context, at net.Addr, who login) (*visitor, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(at.String())
	if err != nil {
		return nil, err
	}
	v := &visitor{base: "http://localhost:" + port, http: &http.Client{
		Jar: jar, Timeout: 5 * time.Minute,
		Transport:     &http.Transport{MaxIdleConnsPerHost: crowd, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	form, err := v.get(ctx, "/signin")
	if err != nil {
		return nil, err
	}
	typed := url.Values{"account": {who.name}, "password": {who.password}}
	for _, m := range hiddenField.FindAllStringSubmatch(form, -1) {
		typed.Set(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.base+"/signin", strings.NewReader(typed.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := v.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		return nil, fmt.Errorf("sign in: status %d", res.StatusCode)
	}
	return v, nil
}

// get returns a page, read to its end.
func (v *visitor) get(ctx context.Context, path string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, v.base+path, nil)
	if err != nil {
		return "", err
	}
	res, err := v.http.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return "", err
	}
	if res.StatusCode != http.StatusOK {
		page, _, _ := strings.Cut(path, "?")
		return "", fmt.Errorf("page %s: status %d", strings.Split(page, "/")[1], res.StatusCode)
	}
	return string(body), nil
}

// looks is a number of pages to visit. A page that leads to a next one is
// visited together with that.
type looks struct {
	v     *visitor
	paths []string

	mu   sync.Mutex // guards took
	took map[string]time.Duration
}

var nextPage = regexp.MustCompile(`rel="next" href="([^"]*)"`)

// run visits every page once, n visitors at a time, and returns how long each
// took.
func (l *looks) run(ctx context.Context, n int) (times, error) {
	l.took = map[string]time.Duration{}
	work := make(chan string)
	var wg sync.WaitGroup
	var failed error
	var all times
	for range n {
		wg.Go(func() {
			for path := range work {
				mine, err := l.visit(ctx, path)
				l.mu.Lock()
				all = append(all, mine...)
				failed = errors.Join(failed, err)
				l.mu.Unlock()
			}
		})
	}
	for _, path := range l.paths {
		work <- path
	}
	close(work)
	wg.Wait()
	return all, failed
}

// visit visits a page and the next one.
func (l *looks) visit(ctx context.Context, path string) (times, error) {
	var t times
	var page string
	get := func(path string) error {
		err := t.add(func() (err error) {
			page, err = l.v.get(ctx, path)
			return err
		})
		l.mu.Lock()
		defer l.mu.Unlock()
		l.took[path] = t[len(t)-1]
		return err
	}
	if err := get(path); err != nil {
		return nil, err
	}
	if next := nextPage.FindStringSubmatch(page); next != nil {
		return t, get(html.UnescapeString(next[1]))
	}
	return t, nil
}

// slowest names the n slowest pages of the last run by their filters.
func (l *looks) slowest(n int) string {
	paths := make([]string, 0, len(l.took))
	for p := range l.took {
		paths = append(paths, p)
	}
	slices.SortFunc(paths, func(a, b string) int { return int(l.took[b] - l.took[a]) })
	var out []string
	for _, p := range paths[:min(n, len(paths))] {
		name, page, _ := strings.Cut(p, "&at=")
		if name, _, _ = strings.Cut(name, "at="); page != "" {
			name += " (next page)"
		}
		out = append(out, fmt.Sprintf("%s %.1f ms", strings.TrimPrefix(name, "/children?"), float64(l.took[p])/1e6))
	}
	return strings.Join(out, ", ")
}

// lists returns about n combinations of filters: every value by itself, pairs
// and triples over all filters, and some of many filters that few cases have.
func (t *town) lists(_ context.Context, v *visitor, n int) (*looks, error) {
	values := [][]string{
		{"state=open", "state=closed"},
		prefixed("stage", t.Pack.Codes("stage")), prefixed("risk", t.Pack.Codes("risk")),
		prefixed("age_band", t.Pack.Codes("age_band")), prefixed("sex", t.Pack.Codes("sex_recorded")),
		prefixed("region", t.Pack.Codes("region")), sampled("unit", t.units, 6), sampled("worker", t.workers, 6),
	}
	for i, list := range values {
		if len(list) == 0 {
			return nil, fmt.Errorf("filter %d has no values", i)
		}
	}
	l := &looks{v: v, paths: []string{"/children"}}
	add := func(parts ...string) { l.paths = append(l.paths, "/children?"+strings.Join(parts, "&")) }
	for _, list := range values {
		for i, x := range list {
			if i*30 < n { // the short form takes fewer of long lists
				add(x)
			}
		}
	}
	// Every pair of filters in turn, then triples, then four to seven filters,
	// each time with other values: steps that share no factor with the lists.
	turn := 0
	value := func(f int) string { turn++; return values[f][turn*7%len(values[f])] }
	for len(l.paths) < n*6/10 {
		for a := range values {
			for b := a + 1; b < len(values); b++ {
				add(value(a), value(b))
			}
		}
	}
	for i := 0; len(l.paths) < n*9/10; i++ {
		a, b, c := i%8, (i/8+i+1)%8, (i/3+i+4)%8
		if a != b && b != c && a != c {
			add(value(a), value(b), value(c))
		}
	}
	for i := 0; len(l.paths) < n; i++ {
		var parts []string
		for f := range values {
			if (i*5+f*3)%(3+i%3) != 0 {
				parts = append(parts, value(f))
			}
		}
		add(parts...)
	}
	return l, nil
}

func prefixed(name string, codes []string) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = name + "=" + url.QueryEscape(c)
	}
	return out
}

// sampled returns n of the identifiers, spread over all.
func sampled[K any](name string, ids []ident.ID[K], n int) []string {
	out := make([]string, 0, n)
	for i := range n {
		out = append(out, name+"="+ids[i*(len(ids)-1)/(n-1)].String())
	}
	return out
}
