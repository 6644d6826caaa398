package journal

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// Report is what [Verify] found.
type Report struct {
	Exit   int    `json:"exit"`
	Says   string `json:"says"` // the exit code in a word
	Source string `json:"source"`
	Node   string `json:"node"`

	Size       int64     `json:"size"`
	Root       string    `json:"root"`
	From       time.Time `json:"from,omitzero"` // of the first entry
	To         time.Time `json:"to,omitzero"`   // the latest time of any entry
	Checkpoint string    `json:"checkpoint,omitempty"`
	SignedSize int64     `json:"signed_size"`
	Unsigned   int64     `json:"unsigned"` // entries after the newest checkpoint
	Witnessed  string    `json:"witnessed"`
	Settled    string    `json:"settled,omitempty"` // newest checkpoint with the cosignatures that the policy asks for

	SettledSize int64      `json:"settled_size"`
	Cosigned    []Cosigned `json:"cosigned,omitempty"` // who cosigned it

	OwnKeys bool `json:"own_keys"` // checked with the keys the source brought along

	Checkpoints    int64            `json:"checkpoints"`
	Anchors        int64            `json:"anchors"`
	Restores       []Restored       `json:"restores,omitempty"`
	Pending        int64            `json:"pending"`
	OldestPending  time.Time        `json:"oldest_pending,omitzero"`
	Actions        map[string]int64 `json:"actions"`
	Chains         int64            `json:"chains"`
	Links          int64            `json:"links"`
	SubjectIndex   string           `json:"subject_index"`
	Tombstones     int64            `json:"tombstones"`
	Erased         int64            `json:"erased"`          // subjects
	ErasedPayloads int64            `json:"erased_payloads"` // payloads that are not there
	ClockSteps     int64            `json:"clock_steps"`
	ClockStepsAt   []int64          `json:"clock_steps_at,omitempty"` // the first of them
	Late           int64            `json:"late"`                     // entries far older than one before
	LateAt         []int64          `json:"late_at,omitempty"`

	Findings []Finding `json:"findings"`
}

// Cosigned is a witness of the policy that cosigned, and when it says it did.
type Cosigned struct {
	Name string    `json:"name"`
	At   time.Time `json:"at"`
}

// Restored is a restore that the log tells of.
type Restored struct {
	Epoch int64     `json:"epoch"`
	Size  int64     `json:"size"` // of the log when it was cut
	At    time.Time `json:"at"`
	Cause string    `json:"cause"`
}

// exitWords are the exit codes in words; severity orders them.
var exitWords = map[int]string{
	Sound: "sound", Altered: "altered", NotSettled: "not settled", Incomplete: "incomplete", Unreadable: "cannot read",
}

var severity = []int{Altered, Unreadable, Incomplete, NotSettled}

// worst returns the exit code that stands for all findings.
func (r *Report) worst() int {
	for _, code := range severity {
		if slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Exit == code }) {
			return code
		}
	}
	return Sound
}

// First returns the first bad place: the earliest position in the log that
// anything is wrong with, or else what was found first. nil when all is sound.
func (r *Report) First() *Finding {
	var first *Finding
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Exit == r.Exit && (first == nil || f.Index >= 0 && f.Index < first.Index) {
			first = f
		}
	}
	return first
}

func (r *Report) finish() {
	r.Exit = r.worst()
	r.Says = exitWords[r.Exit]
	if r.Findings == nil {
		r.Findings = []Finding{}
	}
}

// JSON writes the report for programs.
func (r *Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// Text writes the report for people.
func (r *Report) Text(w io.Writer) error {
	var b strings.Builder
	line := func(label, format string, args ...any) {
		fmt.Fprintf(&b, "%-16s %s\n", label, fmt.Sprintf(format, args...))
	}
	line("result", "%s (%d)", r.Says, r.Exit)
	if f := r.First(); f != nil {
		line("first bad place", "%s, %s: %s", f.Table, f.Place, f.What)
	}
	line("source", "%s of node %s", r.Source, r.Node)
	line("entries", "%d, %s", r.Size, span(r.From, r.To))
	line("root", "%s", r.Root)
	line("signed", "%d entries by %d checkpoints; %d not yet", r.SignedSize, r.Checkpoints, r.Unsigned)
	if r.OwnKeys {
		line("", "signatures were checked with the keys in the pack itself: compare them with the node's fingerprint")
	}
	line("witnesses", "%s", r.Witnessed)
	for _, c := range r.Cosigned {
		line("", "%s cosigned at %s", c.Name, c.At.Format(time.RFC3339))
	}
	line("anchors", "%d checkpoints kept elsewhere were compared", r.Anchors)
	line("waiting", "%d entries without a place%s", r.Pending, since(r.OldestPending))
	line("chains", "%d subjects, %d writing entries", r.Chains, r.Links)
	line("subject index", "%s", r.SubjectIndex)
	line("erasures", "%d subjects, %d payloads gone", r.Erased, r.ErasedPayloads)
	for _, e := range r.Restores {
		line("restore", "epoch %d from %d entries, %s: %s", e.Epoch, e.Size, e.At.Format(time.RFC3339), e.Cause)
	}
	line("clock", "%d entries while the clock stood behind%s", r.ClockSteps, places(r.ClockStepsAt))
	if r.Late > 0 {
		line("", "%d entries more than 5 minutes older than one before%s", r.Late, places(r.LateAt))
	}
	for _, a := range slices.Sorted(maps.Keys(r.Actions)) {
		line("", "%-10s %d", a, r.Actions[a])
	}
	for _, f := range r.Findings {
		line(exitWords[f.Exit], "%s, %s: %s%s", f.Table, f.Place, f.What, more(f.More))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func span(from, to time.Time) string {
	if from.IsZero() {
		return "none dated"
	}
	return from.Format(time.RFC3339) + " to " + to.Format(time.RFC3339)
}

func since(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return ", the oldest since " + t.Format(time.RFC3339)
}

func places(at []int64) string {
	if len(at) == 0 {
		return ""
	}
	s := fmt.Sprint(at[:min(len(at), 10)])
	return " (at " + s[1:len(s)-1] + ")"
}

func more(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (and %d more)", n)
}
