package deploy_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// figures starts a node of its own and returns the names of the figures that it
// shows.
func figures(t *testing.T) []string {
	t.Helper()
	bin, dir := program(t), t.TempDir()
	node, metrics := filepath.Join(dir, "node"), freeAddress(t)
	made := exec.Command(bin, "init", "--dir", node, "--provider", "plain", "--name", "XA-alerts", "--organisation", "Three Fords",
		"--origin", "http://localhost", "--listen", freeAddress(t), "--metrics", metrics, "--admin", "ada.ferry", "--admin-name", "Ada Ferry",
		"--kit-file", filepath.Join(dir, "kit"), "--invite-file", filepath.Join(dir, "invite"))
	if out, err := made.CombinedOutput(); err != nil {
		t.Fatalf("init: %v\n%s", err, out)
	}
	serve := exec.CommandContext(t.Context(), bin, "serve", "--dir", node)
	serve.Cancel = func() error { return serve.Process.Signal(os.Interrupt) }
	said, err := serve.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := serve.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = serve.Process.Signal(os.Interrupt) // it may have ended, which Wait says
		_, _ = io.Copy(io.Discard, said)
		if err := serve.Wait(); err != nil {
			t.Errorf("serve: %v", err)
		}
	}()
	lines := bufio.NewScanner(said)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "ready ") {
	}
	ask, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, "http://"+metrics+"/metrics", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range regexp.MustCompile(`(?m)^(causeway_\w+)[ {]`).FindAllStringSubmatch(string(body), -1) {
		names = append(names, m[1])
	}
	return names
}

func freeAddress(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// TestAlertsReadWhatTheNodeShows: every figure that a rule, its test or a page
// names is one that a running node shows.
func TestAlertsReadWhatTheNodeShows(t *testing.T) {
	shown := figures(t)
	if len(shown) < 5 {
		t.Fatalf("the node shows %q", shown)
	}
	pages, err := filepath.Glob("../docs/runbooks/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(pages, "alerts.yml", "alerts_test.yml") {
		for _, name := range regexp.MustCompile(`\bcauseway_\w+`).FindAllString(read(t, file), -1) {
			if !slices.Contains(shown, name) {
				t.Errorf("%s: the node does not show %s, only %q", file, name, shown)
			}
		}
	}
}

// TestAlertsHaveRunbooks: somebody woken at night finds a page with the alert's
// name, a test shows that it rings, and the list of pages is complete.
func TestAlertsHaveRunbooks(t *testing.T) {
	rules, tests, list := read(t, "alerts.yml"), read(t, "alerts_test.yml"), read(t, "../docs/runbooks/README.md")
	alerts := strings.Split(rules, "- alert: ")[1:]
	if len(alerts) == 0 {
		t.Fatal("no alert found")
	}
	for _, alert := range alerts {
		name, rest, _ := strings.Cut(alert, "\n")
		page := "docs/runbooks/" + name + ".md"
		text := read(t, "../"+page)
		if !strings.HasPrefix(text, "# "+name+":") || !strings.Contains(text, "**Do.**") {
			t.Errorf("%s is not the page of %s, or does not say what to do", page, name)
		}
		if !strings.Contains(rest, "runbook: "+page+"\n") {
			t.Errorf("%s does not name its page", name)
		}
		if !regexp.MustCompile(`\bcauseway_\w+`).MatchString(rest) || !strings.Contains(rest, "severity: ") {
			t.Errorf("%s reads no figure or has no severity", name)
		}
		if !strings.Contains(tests, "alertname: "+name+"\n        exp_alerts:") {
			t.Errorf("no test lets %s ring", name)
		}
		if !strings.Contains(list, "["+name+"]("+name+".md)") {
			t.Errorf("the list of runbooks lacks %s", name)
		}
	}
}

// TestAlertsRing runs the rules' own tests.
func TestAlertsRing(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		t.Skip("promtool is not here: the rules were not tried")
	}
	if out, err := exec.Command(promtool, "test", "rules", "alerts_test.yml").CombinedOutput(); err != nil {
		t.Errorf("promtool: %v\n%s", err, out)
	}
}
