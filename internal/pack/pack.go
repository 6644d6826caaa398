// Package pack reads jurisdiction packs: the code lists, numbers of the law and
// policies that a country may change, each with its source and how sure we are.
//
// A pack is a folder of plain files (packs/default/README.md says how to read
// one). A further folder may be laid over it: its rows are added, and a row
// with the same code replaces the one below. Whatever is missing, misspelled or
// out of bounds stops the load with file, line and column; nothing becomes
// permissive because a row is absent.
//
// It never decides (package access does) and never holds a person's data. A
// [Pack] does not change after loading and may be used from everywhere. Start
// at [Default] and [Load]; needs.go lists what every pack must say.
package pack

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"causeway/packs"
)

// Confidence says what a row of a pack rests on.
type Confidence string

// The four grades. Law and Guidance name a text; Standard is a published code
// list; HouseChoice is ours, and a country should look at it first.
const (
	Law         Confidence = "law"
	Guidance    Confidence = "guidance"
	Standard    Confidence = "standard"
	HouseChoice Confidence = "house choice"
)

// Pack is a loaded and checked pack.
type Pack struct {
	layers      []string // "default-1", "demo-1"
	languages   []string
	lists       map[string]*list
	clocks      map[ClockName]Clock
	calendar    Calendar
	gates       map[gateKey]gateRow
	follow      []gateKey // the gates between stages, in the order of the file
	approvals   map[approvalKey]approvalRow
	retention   map[string]retentionRow
	abroad      map[string]abroadRow
	abroadOrder []string
	bound       map[string]string // treaty by State
	screening   *Screening
	forms       map[string][]byte
	conduct     []conductRow
	policies    map[string]policyFile // by file
	digest      [sha256.Size]byte
}

// Default returns the embedded, globally neutral pack with the given folders
// laid over it, the last one uppermost. It knows no region until a folder
// brings some.
func Default(over ...fs.FS) (*Pack, error) {
	return Load(append([]fs.FS{packs.Default()}, over...)...)
}

// Demo returns the default pack with the three invented countries of the demo.
func Demo() (*Pack, error) { return Default(packs.Demo()) }

// Load reads a complete pack and the folders laid over it. The error joins an
// [Error] for every fault found.
func Load(folders ...fs.FS) (*Pack, error) {
	if len(folders) == 0 {
		return nil, errors.New("load pack: no folder given")
	}
	l := loader{
		pack: &Pack{lists: map[string]*list{}, clocks: map[ClockName]Clock{}},
		hash: sha256.New(),
	}
	for i, folder := range folders {
		l.layer(folder, i == 0)
	}
	if len(l.faults) == 0 {
		l.finish()
	}
	if len(l.faults) > 0 {
		return nil, fmt.Errorf("load pack: %w", errors.Join(l.faults...))
	}
	l.hash.Sum(l.pack.digest[:0])
	return l.pack, nil
}

// Version names the folders of the pack with their versions, lowest first, such
// as "default-1+demo-1".
func (p *Pack) Version() string { return strings.Join(p.layers, "+") }

// Digest returns SHA-256 over every file that was read, in hexadecimal. Two
// nodes with the same digest work by the same rules.
func (p *Pack) Digest() string { return hex.EncodeToString(p.digest[:]) }

// Languages returns the languages in which every label is given.
func (p *Pack) Languages() []string { return slices.Clone(p.languages) }

// layer reads one folder. base is true for the lowest, which must be complete.
func (l *loader) layer(folder fs.FS, base bool) {
	l.folder = folder
	l.manifest(base)
	if len(l.faults) > 0 {
		return // without languages no other file can be judged
	}
	names, err := fs.Glob(folder, "lists/*.csv")
	if err != nil {
		l.fault("lists", 0, 0, "cannot be listed")
	}
	for _, name := range names { // Glob sorts: the digest does not depend on the disk
		l.list(name, strings.TrimSuffix(path.Base(name), ".csv"))
	}
	if l.exists("calendar.csv", base) {
		l.readCalendar("calendar.csv", base)
	}
	if l.exists("holidays.csv", false) {
		l.holidays("holidays.csv")
	}
	if l.exists("clocks.csv", base) {
		l.clocks("clocks.csv")
	}
	if l.exists("gates.csv", base) {
		l.gates("gates.csv")
	}
	if l.exists("approvals.csv", base) {
		l.readApprovals("approvals.csv")
	}
	if l.exists("conduct.csv", base) {
		l.readConduct("conduct.csv")
	}
	if l.exists("retention.csv", base) {
		l.readRetention("retention.csv")
	}
	if l.exists("abroad.csv", base) {
		l.abroad("abroad.csv")
	}
	if l.exists("contracting.csv", base) {
		l.contracting("contracting.csv")
	}
	l.forms()
	l.screening(base)
	l.readPolicies(base)
}

// manifest reads pack.csv: the folder's name, version and languages.
func (l *loader) manifest(base bool) {
	const file = "pack.csv"
	rows, ok := l.rows(file, []string{"key", "value"}, nil)
	if !ok {
		return
	}
	said := map[string]cell{}
	for _, r := range rows {
		key := r.at("key")
		if !slices.Contains([]string{"name", "version", "languages"}, key.text) {
			l.faultAt(key, "unknown key; name, version and languages are known")
			continue
		}
		said[key.text] = r.at("value")
	}
	for _, key := range []string{"name", "version", "languages"} {
		if said[key].text == "" {
			l.fault(file, 0, 0, "must say "+key)
		}
	}
	name, version := said["name"], said["version"]
	if name.text != "" && !validCode(name.text) {
		l.faultAt(name, "must be letters, digits, - or _")
	}
	if version.text != "" && !validCode(version.text) {
		l.faultAt(version, "must be letters, digits, - or _")
	}
	languages := strings.Fields(said["languages"].text)
	switch {
	case base:
		l.pack.languages = languages
	case !slices.Equal(languages, l.pack.languages):
		l.faultAt(said["languages"], "must be the languages of the pack below, in the same order")
	}
	l.pack.layers = append(l.pack.layers, name.text+"-"+version.text)
}

// finish checks the pack as a whole, once all folders are read.
func (l *loader) finish() {
	l.checkLists()
	l.checkClocks()
	l.checkScreening()
	l.checkGates()
	l.checkApprovals()
	l.checkRetention()
	l.checkAbroad()
	l.checkPolicies()
	if len(l.faults) == 0 {
		l.pack.sortLists()
	}
}
