package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

var (
	buildOnce sync.Once
	built     string
	buildErr  error
)

func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		_ = os.RemoveAll(filepath.Dir(built)) // a leftover below the system's temporary place hurts nobody
	}
	os.Exit(code)
}

// program builds the command once and returns its path. It reads the source
// that declares the flags, so that a cached pass does not outlive a change.
func program(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("../cmd/causeway/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no source of the command: %v", err)
	}
	for _, file := range files {
		read(t, file)
	}
	buildOnce.Do(func() {
		dir, err := os.MkdirTemp("", "causeway-deploy-")
		if err != nil {
			buildErr = err
			return
		}
		built = filepath.Join(dir, "causeway")
		cmd := exec.Command("go", "build", "-o", built, "./cmd/causeway")
		cmd.Dir = ".."
		var out []byte
		if out, buildErr = cmd.CombinedOutput(); buildErr != nil {
			t.Logf("%s", out)
		}
	})
	if buildErr != nil {
		t.Fatal(buildErr)
	}
	return built
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// help lets the command's own parser read args, and returns the help of the
// command they name. The parser refuses unknown commands and flags, values that
// are missing and arguments too many before it shows help, and runs nothing.
func help(t *testing.T, args []string) (text string, ok bool) {
	t.Helper()
	dir := t.TempDir()
	args = slices.Clone(args)
	for i, a := range args {
		// Some commands want files that exist: these stand in for them.
		if i > 0 && !strings.HasPrefix(a, "-") && slices.Contains([]string{"restore", "import", "audit"}, args[0]) {
			args[i] = strings.ReplaceAll(a, "/", "_")
			if err := os.WriteFile(filepath.Join(dir, args[i]), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	cmd := exec.Command(program(t), append(args, "--help")...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

// complaint says what is wrong with a command line that a person types as it
// stands, "" when nothing is.
func complaint(t *testing.T, args []string) string {
	t.Helper()
	text, ok := help(t, args)
	if !ok {
		return strings.TrimSpace(text)
	}
	usage, _, _ := strings.Cut(text, "\n")
	words := strings.Fields(strings.TrimPrefix(usage, "Usage: causeway "))
	named := slices.IndexFunc(words, func(w string) bool { return strings.ContainsAny(w[:1], "-<[") })
	if named <= 0 || slices.Contains(words, "<command>") {
		return "names no command: " + usage
	}
	want, given := 0, 0
	for _, w := range words[named:] {
		name, _, valued := strings.Cut(w, "=")
		switch {
		case strings.HasPrefix(w, "<"):
			want++
		case valued && strings.HasPrefix(w, "--") && !slices.ContainsFunc(args, func(a string) bool { return a == name || strings.HasPrefix(a, name+"=") }):
			return "lacks " + name
		}
	}
	for i := named; i < len(args); i++ {
		if !strings.HasPrefix(args[i], "-") {
			given++
			continue
		}
		if strings.Contains(args[i], "=") || !regexp.MustCompile(`(?m)^\s.*`+regexp.QuoteMeta(args[i])+`=`).MatchString(text) {
			continue
		}
		if i++; slices.Contains([]string{"--provider", "--to"}, args[i-1]) {
			for _, value := range strings.Split(args[i], "|") {
				if !regexp.MustCompile(`\b` + regexp.QuoteMeta(value) + `\b`).MatchString(text) {
					return args[i-1] + " does not know " + value
				}
			}
		}
	}
	if given != want {
		return "takes other arguments: " + usage
	}
	return ""
}

// TestComplaints: the judge of the documents refuses what the program refuses.
func TestComplaints(t *testing.T) {
	for line, want := range map[string]string{
		"serve --dir NODE":                         "",
		"key copy FILE":                            "",
		"key provider --to passphrase|systemd":     "",
		"user invite a --name b --role supervisor": "",
		"restore B --check --identity /run/x":      "",
		"serve --port 80":                          "unknown flag",
		"start":                                    "unexpected argument",
		"key":                                      "names no command",
		"key copy":                                 "takes other arguments",
		"key copy A B":                             "unexpected argument",
		"key provider --to cloud":                  "does not know cloud",
		"restore B --check":                        "lacks --identity",
		"serve --dir":                              "expected",
	} {
		got := complaint(t, strings.Fields(line))
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}
