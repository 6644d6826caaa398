// Package deploy_test holds what stands in this directory, and what the pages
// tell an operator to type, against the program itself. Start at
// TestCommandsExist.
package deploy_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// settings are the lines of one section of a unit, in order.
type settings map[string][]string

func (s settings) last(key string) string {
	if len(s[key]) == 0 {
		return ""
	}
	return s[key][len(s[key])-1]
}

// readUnit reads a unit file by sections.
func readUnit(t *testing.T, name string) map[string]settings {
	t.Helper()
	out := map[string]settings{}
	section := ""
	for _, line := range strings.Split(read(t, name), "\n") {
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			section = strings.Trim(line, "[]")
			out[section] = settings{}
		default:
			key, value, ok := strings.Cut(line, "=")
			if !ok || section == "" {
				t.Fatalf("%s: cannot read %q", name, line)
			}
			out[section][key] = append(out[section][key], value)
		}
	}
	return out
}

// walls are what keeps keys and records inside the service.
var walls = settings{
	"User": {"causeway"}, "Group": {"causeway"},
	"LoadCredentialEncrypted": {"keyring:/etc/credstore.encrypted/causeway-keyring"},
	"LimitCORE":               {"0"}, "MemorySwapMax": {"0"}, "MemoryDenyWriteExecute": {"yes"},
	"NoNewPrivileges": {"yes"}, "CapabilityBoundingSet": {""}, "AmbientCapabilities": {""}, "RestrictSUIDSGID": {"yes"},
	"StateDirectory": {"causeway"}, "StateDirectoryMode": {"0700"}, "UMask": {"0077"},
	"ReadWritePaths": {"-/srv/causeway-second -/srv/causeway-backup"},
	"ProtectSystem":  {"strict"}, "ProtectHome": {"yes"}, "ProtectProc": {"invisible"}, "ProcSubset": {"pid"},
	"ProtectKernelTunables": {"yes"}, "ProtectKernelModules": {"yes"}, "ProtectKernelLogs": {"yes"},
	"ProtectControlGroups": {"yes"}, "ProtectClock": {"yes"}, "ProtectHostname": {"yes"},
	"PrivateTmp": {"yes"}, "PrivateDevices": {"yes"}, "PrivateMounts": {"yes"}, "PrivateUsers": {"yes"},
	"RestrictNamespaces": {"yes"}, "RestrictRealtime": {"yes"}, "LockPersonality": {"yes"}, "RemoveIPC": {"yes"},
	"KeyringMode": {"private"}, "RestrictAddressFamilies": {"AF_INET AF_INET6 AF_UNIX"}, "SystemCallArchitectures": {"native"},
	"SystemCallFilter": {"@system-service", "~@privileged @resources"}, "SystemCallErrorNumber": {"EPERM"},
}

// TestUnitsAreShutIn: both services stand behind the same walls, and start a
// command that the program has.
func TestUnitsAreShutIn(t *testing.T) {
	for _, name := range []string{"causeway.service", "causeway-backup.service"} {
		service := readUnit(t, name)["Service"]
		got := settings{}
		for key := range walls {
			got[key] = service[key]
		}
		if diff := cmp.Diff(got, walls); diff != "" {
			t.Errorf("%s (-got +want):\n%s", name, diff)
		}
		starts := strings.Fields(service.last("ExecStart"))
		if len(starts) < 2 || starts[0] != "/usr/local/bin/causeway" {
			t.Errorf("%s starts %q", name, starts)
			continue
		}
		if wrong := complaint(t, starts[1:]); wrong != "" {
			t.Errorf("%s: %s", name, wrong)
		}
		for _, set := range service["Environment"] {
			variable, _, _ := strings.Cut(set, "=")
			if text, _ := help(t, starts[1:]); !strings.Contains(text, "$"+variable) {
				t.Errorf("%s sets %s, which %s does not read", name, variable, starts[1])
			}
		}
	}
	timer := readUnit(t, "causeway-backup.timer")
	if timer["Timer"].last("OnCalendar") == "" || timer["Timer"].last("Persistent") != "yes" || timer["Install"].last("WantedBy") != "timers.target" {
		t.Errorf("the timer does not come every day: %v", timer)
	}
}

// TestUnitsVerify asks systemd itself, with the program where it is here.
func TestUnitsVerify(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not here: the units were not verified by systemd")
	}
	bin, dir := program(t), t.TempDir()
	args := []string{"verify"}
	for _, name := range []string{"causeway.service", "causeway-backup.service", "causeway-backup.timer"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(read(t, name), "/usr/local/bin/causeway", bin)), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	if out, err := exec.Command(analyze, args...).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("verify: %v\n%s", err, out)
	}
}

// instructions reads the Containerfile: one word and the rest of each line.
func instructions(t *testing.T) (out [][2]string) {
	t.Helper()
	for _, line := range strings.Split(strings.ReplaceAll(read(t, "Containerfile"), "\\\n", " "), "\n") {
		if line != "" && !strings.HasPrefix(line, "#") {
			word, rest, _ := strings.Cut(line, " ")
			out = append(out, [2]string{word, rest})
		}
	}
	return out
}

// TestImage: it holds the released program and an empty directory, fetches and
// builds nothing, is nobody's root, needs no shell, and starts and asks what
// the program has.
func TestImage(t *testing.T) {
	once := map[string]string{}
	for _, in := range instructions(t) {
		word, rest := in[0], in[1]
		switch word {
		case "COPY":
			if !regexp.MustCompile(`(^| )(dist/causeway-linux-\$\{TARGETARCH\} /causeway|deploy/data/ /var/lib/causeway/)$`).MatchString(rest) {
				t.Errorf("it copies %q", rest)
			}
		case "RUN", "ADD", "SHELL", "ONBUILD":
			t.Errorf("the image is made with %s", word)
		default:
			if once[word] != "" {
				t.Errorf("%s stands there twice", word)
			}
			once[word] = rest
		}
	}
	text, _ := help(t, []string{"init"})
	for word, want := range map[string]string{
		"FROM": `^scratch$`, "USER": `^[1-9]\d*:[1-9]\d*$`, "VOLUME": `^/var/lib/causeway$`, "STOPSIGNAL": `^SIGTERM$`,
		"ENV": `^CAUSEWAY_DIR=/var/lib/causeway$`, "HEALTHCHECK": ` CMD \[`,
	} {
		if !regexp.MustCompile(want).MatchString(once[word]) {
			t.Errorf("%s %s, want %s", word, once[word], want)
		}
	}
	if !strings.Contains(text, "$CAUSEWAY_DIR") || !regexp.MustCompile(`--listen="[^"]*:`+once["EXPOSE"]+`"`).MatchString(text) {
		t.Errorf("init does not read CAUSEWAY_DIR, or does not listen on %s by itself", once["EXPOSE"])
	}
	_, check, _ := strings.Cut(once["HEALTHCHECK"], " CMD ")
	entry := execForm(t, once["ENTRYPOINT"])
	for _, words := range [][]string{append(slices.Clone(entry), execForm(t, once["CMD"])...), execForm(t, check)} {
		if len(words) < 2 || words[0] != "/causeway" {
			t.Errorf("the image starts %q", words)
		} else if wrong := complaint(t, words[1:]); wrong != "" {
			t.Errorf("the image starts %q: %s", words, wrong)
		}
	}
}

// execForm reads a command that needs no shell.
func execForm(t *testing.T, text string) (words []string) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &words); err != nil {
		t.Errorf("%q needs a shell, and the image has none", text)
	}
	return words
}
