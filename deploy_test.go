package causeway_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestAlertsHaveRunbooks: somebody woken at night finds a page with the alert's
// name, and the figures the rule reads are figures the node shows.
func TestAlertsHaveRunbooks(t *testing.T) {
	rules := read(t, "deploy/alerts.yml")
	alerts := regexp.MustCompile(`alert: (\w+)`).FindAllStringSubmatch(rules, -1)
	if len(alerts) == 0 {
		t.Fatal("no alert found")
	}
	for _, m := range alerts {
		page := "docs/runbooks/" + m[1] + ".md"
		if _, err := os.Stat(page); err != nil {
			t.Errorf("alert %s has no page %s", m[1], page)
		}
		if !strings.Contains(rules, "runbook: "+page) {
			t.Errorf("alert %s does not name its page", m[1])
		}
	}
	files, err := filepath.Glob("internal/node/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var source strings.Builder
	for _, file := range files {
		source.WriteString(read(t, file))
	}
	for _, m := range regexp.MustCompile(`causeway_(\w+)`).FindAllStringSubmatch(rules, -1) {
		if !strings.Contains(source.String(), `"`+m[1]+`"`) && !strings.Contains(source.String(), `"causeway_`+m[1]+`"`) {
			t.Errorf("the rules read causeway_%s, which the node does not show", m[1])
		}
	}
}

// TestUnitsAreShutIn: both units hold the same walls, and none of those that
// keep keys from leaving is missing.
func TestUnitsAreShutIn(t *testing.T) {
	must := []string{
		"LimitCORE=0", "MemorySwapMax=0", "MemoryDenyWriteExecute=yes", "NoNewPrivileges=yes", "CapabilityBoundingSet=",
		"ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes", "PrivateDevices=yes", "UMask=0077",
		"RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX", "SystemCallFilter=@system-service",
		"SystemCallFilter=~@privileged @resources", "StateDirectoryMode=0700", "User=causeway",
		"LoadCredentialEncrypted=keyring:/etc/credstore.encrypted/causeway-keyring",
	}
	wall := regexp.MustCompile(`^(Protect|Private|Restrict|SystemCall|Memory|Lock|Keyring|Capability|Ambient|NoNew|Limit(CORE)|UMask|Remove|StateDir|Load|User|Group)`)
	var walls [2][]string
	for i, name := range []string{"deploy/causeway.service", "deploy/causeway-backup.service"} {
		lines := strings.Split(read(t, name), "\n")
		for _, want := range must {
			if !slices.Contains(lines, want) {
				t.Errorf("%s lacks %s", name, want)
			}
		}
		for _, line := range lines {
			if wall.MatchString(line) {
				walls[i] = append(walls[i], line)
			}
		}
		slices.Sort(walls[i])
	}
	if !slices.Equal(walls[0], walls[1]) {
		t.Errorf("the units differ in their walls:\n%s\n\n%s", strings.Join(walls[0], "\n"), strings.Join(walls[1], "\n"))
	}
}

// TestImageHoldsOneFile: nothing is built or fetched while the image is made,
// and nobody is root in it.
func TestImageHoldsOneFile(t *testing.T) {
	var got []string
	for _, line := range strings.Split(read(t, "deploy/Containerfile"), "\n") {
		word, rest, _ := strings.Cut(line, " ")
		if slices.Contains([]string{"FROM", "RUN", "ADD", "USER"}, word) {
			got = append(got, word+" "+rest)
		}
	}
	if want := []string{"FROM scratch", "USER 65532:65532"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
