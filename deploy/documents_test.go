package deploy_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// typed is one command line of a document.
type typed struct {
	file  string
	line  int
	words []string
	block bool // stands alone to be typed; otherwise it is named in a sentence
}

// args returns the arguments of our program in a command line, nil when the
// line starts something else.
func (c typed) args() []string {
	for i, w := range c.words {
		ours := slices.Contains([]string{"/causeway", "/usr/local/bin/causeway", "./cmd/causeway"}, w) ||
			i == 0 && (w == "causeway" || w == "as_node") ||
			w == "causeway" && c.words[0] == "in_box" && c.words[i-1] != "--name"
		if !ours {
			continue
		}
		args := c.words[i+1:]
		if end := slices.IndexFunc(args, func(a string) bool { return strings.Trim(a, "12<>|&;") == "" && a != "" }); end >= 0 {
			args = args[:end]
		}
		if slices.Contains(args, "$@") {
			return nil
		}
		return args
	}
	return nil
}

// shellWords splits a line as a shell does, without its expansions; a comment
// ends it.
func shellWords(line string) []string {
	var words []string
	for _, m := range regexp.MustCompile(`#.*|(?:"[^"]*"|'[^']*'|[^\s"'#][^\s"']*)+`).FindAllString(line, -1) {
		if strings.HasPrefix(m, "#") {
			break
		}
		words = append(words, strings.NewReplacer(`"`, "", `'`, "").Replace(m))
	}
	return words
}

var named = regexp.MustCompile("`([^`]+)`")

// commands returns the command lines of a document: those of its blocks, and
// those that a sentence names.
func commands(t *testing.T, file string) []typed {
	t.Helper()
	var out []typed
	var prose strings.Builder // of the same number of lines
	lines := strings.Split(read(t, file), "\n")
	for i := 0; i < len(lines); i++ {
		block, ok := strings.CutPrefix(lines[i], "    ")
		if !ok {
			prose.WriteString(lines[i] + "\n")
			continue
		}
		first := i + 1
		for strings.HasSuffix(block, `\`) && i+1 < len(lines) {
			i++
			block = strings.TrimSuffix(block, `\`) + lines[i]
			prose.WriteString("\n")
		}
		prose.WriteString("\n")
		if words := shellWords(block); len(words) > 0 {
			out = append(out, typed{file: file, line: first, words: words, block: true})
		}
	}
	text := prose.String()
	for _, m := range named.FindAllStringSubmatchIndex(text, -1) {
		if words := shellWords(text[m[2]:m[3]]); len(words) > 1 {
			out = append(out, typed{file: file, line: 1 + strings.Count(text[:m[0]], "\n"), words: words})
		}
	}
	return out
}

// documents lists the pages that tell people what to type.
func documents(t *testing.T) []string {
	t.Helper()
	out := []string{"README.md", "../README.md"}
	for _, pattern := range []string{"../docs/guides/*.md", "../docs/runbooks/*.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no files, %v", pattern, err)
		}
		out = append(out, files...)
	}
	return out
}

// TestCommandsExist: what a document tells a person to type, the program
// understands.
func TestCommandsExist(t *testing.T) {
	seen := map[string]int{}
	for _, file := range documents(t) {
		for _, c := range commands(t, file) {
			args := c.args()
			if len(args) == 0 && !c.block && slices.Contains([]string{"key", "user", "audit"}, c.words[0]) {
				args = c.words // named without the program, such as: key copy
			}
			if len(args) == 0 {
				continue
			}
			seen[file]++
			if c.block {
				if wrong := complaint(t, args); wrong != "" {
					t.Errorf("%s:%d: causeway %s: %s", file, c.line, strings.Join(args, " "), wrong)
				}
				continue
			}
			if text, ok := help(t, args); !ok {
				// A flag named last may stand without its value in a sentence.
				if _, ok := help(t, append(slices.Clone(args), "x")); !ok {
					t.Errorf("%s:%d: causeway %s: %s", file, c.line, strings.Join(args, " "), text)
				}
			}
		}
	}
	for file, least := range map[string]int{"README.md": 15, "../docs/guides/node-operator.md": 25, "../docs/guides/auditor.md": 5} {
		if seen[file] < least {
			t.Errorf("%s: found %d commands, want at least %d: is it still read rightly?", file, seen[file], least)
		}
	}
}

// TestPlacesAgree: what the page makes and names is what the units open, and
// nobody else on the machine can read it.
func TestPlacesAgree(t *testing.T) {
	var lines []string
	for _, c := range commands(t, "README.md") {
		if !c.block {
			continue
		}
		lines = append(lines, strings.Join(c.words, " "))
		switch c.words[0] {
		case "install":
			installed(t, c)
		case "as_node":
			for i, w := range c.words[:len(c.words)-1] {
				place := c.words[i+1]
				switch w {
				case "--keyring-copy":
					place = filepath.Dir(place)
				case "--backup-folder":
				default:
					continue
				}
				for _, unit := range []string{"causeway.service", "causeway-backup.service"} {
					if !slices.Contains(strings.Fields(readUnit(t, unit)["Service"].last("ReadWritePaths")), "-"+place) {
						t.Errorf("README.md:%d: %s cannot write in %s", c.line, unit, place)
					}
				}
			}
		}
	}
	all := strings.Join(lines, "\n")
	credential := readUnit(t, "causeway.service")["Service"].last("LoadCredentialEncrypted")
	name, path, _ := strings.Cut(credential, ":")
	for _, want := range []string{
		"systemd-creds encrypt --name=" + name + " - " + path, "LoadCredentialEncrypted=" + credential, "StateDirectoryMode=0700",
		"key copy", "--identity", "enable --now causeway.service causeway-backup.timer",
		// The container: no right, no core dump, and no swap, for which the two must be the same.
		"--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", "--ulimit core=0", "--memory=2g --memory-swap=2g",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("no command of README.md says %q", want)
		}
	}
}

// installed checks one install command: the sources that lie here exist, and
// nothing but the program, the units and the rules is open to others.
func installed(t *testing.T, c typed) {
	t.Helper()
	open := regexp.MustCompile(`^/(usr/local/bin|etc/systemd/system|etc/sysusers\.d|etc/prometheus)/`)
	target := c.words[len(c.words)-1]
	mode := ""
	for i, w := range c.words[:len(c.words)-1] {
		if w == "-m" {
			mode = c.words[i+1]
		}
		if strings.HasPrefix(w, "deploy/") {
			read(t, "../"+w)
		}
	}
	if mode == "" || !open.MatchString(target) && !strings.HasSuffix(mode, "0") {
		t.Errorf("README.md:%d: %s has mode %q, open to others", c.line, target, mode)
	}
}
