package journal

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"causeway/protocol/witness"

	"golang.org/x/mod/sumdb/tlog"
)

// mark is a root that somebody vouches for outside of journal_checkpoint.
type mark struct {
	size  int64
	root  tlog.Hash
	where Finding // what to say when the log does not lead to it
}

// Anchor is a checkpoint that was kept outside of the database.
type Anchor struct {
	Name string // of the file, for the report
	Note string // the signed checkpoint

	c     Checkpoint
	epoch int64
	seen  bool
}

// ReadAnchors reads every file of a directory as an anchor: a signed checkpoint,
// a proof ([Proof.String]) or a pack, of which the newest checkpoint counts. A
// single file may be named too.
func ReadAnchors(path string) ([]Anchor, error) {
	var out []Anchor
	err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		signed, err := readAnchor(name)
		if err != nil {
			return fmt.Errorf("read anchor %s: %w", d.Name(), err)
		}
		out = append(out, Anchor{Name: d.Name(), Note: signed})
		return nil
	})
	return out, err
}

// anchorMost is the largest file read as a checkpoint or a proof.
const anchorMost = 1 << 20

func readAnchor(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if p, err := OpenPack(path); err == nil {
		signed := p.Checkpoint()
		return signed, p.Close()
	}
	if info.Size() > anchorMost {
		return "", errors.New("not a checkpoint, a proof or a pack")
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	if bytes.HasPrefix(b, []byte(proofHeader)) {
		p, err := ParseProof(string(b))
		return p.Checkpoint, err
	}
	return string(b), nil
}

// readAnchors verifies the anchors and turns those that the log must contain
// into marks.
func (v *verifier) readAnchors() {
	newest := v.epochs[len(v.epochs)-1].Epoch
	for i := range v.anchors {
		a := &v.anchors[i]
		*a = Anchor{Name: a.Name, Note: a.Note}
		bad := Finding{Exit: Altered, Check: "anchor", Table: "anchor", Place: a.Name, Index: -1}
		var err error
		if a.c, err = v.keys.openCheckpoint(a.Note); err != nil {
			bad.Check, bad.What = "anchor-signature", "the anchor does not verify: "+err.Error()
			v.find(bad)
			a.seen = true
			continue
		}
		_, a.epoch, _ = witness.SplitOrigin(a.c.Origin)
		v.report.Anchors++
		bad.Index = a.c.Size
		limit := int64(-1)
		for _, e := range v.epochs {
			if e.Epoch == a.epoch+1 {
				limit = e.StartSize
			}
		}
		switch {
		case a.epoch > newest:
			bad.Check, bad.What = "anchor-rolled-back", "the anchor is of a later epoch: the journal was put back to an older state"
			v.find(bad)
			a.seen = true
		case limit >= 0 && a.c.Size > limit:
			bad.Exit, bad.Check = Incomplete, "anchor-lost"
			bad.What = fmt.Sprintf("a restore cut the log at %d; the entries from there to %d are lost", limit, a.c.Size-1)
			v.find(bad)
			a.seen = true
		default:
			bad.Check, bad.What = "anchor-fork", "the log does not lead to the root that the anchor "+a.Name+" has for it"
			v.marks = append(v.marks, mark{a.c.Size, a.c.Root, bad})
		}
	}
	slices.SortStableFunc(v.marks, func(a, b mark) int { return cmp.Compare(a.size, b.size) })
}

// readEpochs checks that the epochs follow each other and that each begins with
// a signed statement.
func (v *verifier) readEpochs(ctx context.Context) error {
	rows, err := v.r.epochs(ctx)
	if err != nil {
		return err
	}
	v.epochs = []Epoch{{Epoch: 1}}
	for _, e := range rows {
		bad := Finding{Exit: Altered, Check: "epoch", Table: "journal_epoch", Place: fmt.Sprintf("epoch %d", e.Epoch), Index: e.StartSize}
		last := v.epochs[len(v.epochs)-1]
		if e.Epoch != last.Epoch+1 || e.StartSize < last.StartSize {
			bad.Check, bad.What = "epoch-order", fmt.Sprintf("epoch %d does not follow epoch %d", e.Epoch, last.Epoch)
			v.find(bad)
		}
		v.epochs = append(v.epochs, e)
		if v.keys.empty() {
			continue
		}
		s, err := v.keys.openStatement(e.Statement)
		if err != nil {
			bad.Check, bad.What = "epoch-statement", "the statement of the restore does not verify: "+err.Error()
			v.find(bad)
			continue
		}
		if s.New != witness.Origin(v.keys.node, e.Epoch) || s.Old != witness.Origin(v.keys.node, last.Epoch) || s.Size != e.StartSize || !s.At.Equal(e.OpenedAt) {
			bad.Check, bad.What = "epoch-row", "the row says something else than its signed statement"
			v.find(bad)
			continue
		}
		v.report.Restores = append(v.report.Restores, Restored{Epoch: e.Epoch, Size: s.Size, At: s.At, Cause: s.Cause})
		bad.Check, bad.What = "epoch-root", "the log does not lead to the root in the statement of the restore"
		v.marks = append(v.marks, mark{s.Size, s.Root, bad})
	}
	return nil
}

// epochAt returns the epoch in force when the entry at idx got its place.
func (v *verifier) epochAt(idx int64) int64 {
	for i := len(v.epochs) - 1; i > 0; i-- {
		if v.epochs[i].StartSize <= idx {
			return v.epochs[i].Epoch
		}
	}
	return 1
}

// reach compares the tree with every root that is known for its present size.
func (v *verifier) reach(ctx context.Context) error {
	size := v.tree.size
	if size == 0 && v.head != nil && v.head.size < 0 {
		v.find(headFinding("head-size", "the size is below 0"))
	}
	for {
		c, err := v.signed.peek()
		if err != nil {
			return err
		}
		if c == nil || c.size > size {
			break
		}
		if err := v.takeCheckpoint(c); err != nil {
			return err
		}
	}
	for len(v.marks) > 0 && v.marks[0].size <= size {
		if m := v.marks[0]; m.size == size {
			v.tree.trust(m.root, m.where)
		}
		v.marks = v.marks[1:]
	}
	if v.head != nil && v.head.size == size {
		v.tree.compareHead(v.head.root)
	}
	v.next = -1
	later := func(n int64) {
		if n > size && (v.next < 0 || n < v.next) {
			v.next = n
		}
	}
	if c, err := v.signed.peek(); err != nil {
		return err
	} else if c != nil {
		later(c.size)
	}
	if len(v.marks) > 0 {
		later(v.marks[0].size)
	}
	if v.head != nil {
		later(v.head.size)
	}
	return nil
}

// takeCheckpoint checks the signature of the next stored checkpoint and, if the
// log has just its size, the root.
func (v *verifier) takeCheckpoint(row *storedCheckpoint) error {
	c := *row
	v.signed.take()
	v.report.Checkpoints++
	bad := Finding{
		Exit: Altered, Check: "checkpoint", Table: "journal_checkpoint",
		Place: fmt.Sprintf("epoch %d size %d", c.epoch, c.size), Index: c.size,
	}
	if v.keys.empty() {
		return nil
	}
	said, err := v.keys.openCheckpoint(c.note)
	if err != nil {
		bad.Check, bad.What = "checkpoint-signature", "the checkpoint does not verify: "+err.Error()
		v.find(bad)
		return nil
	}
	if said.Size != c.size || said.Origin != witness.Origin(v.keys.node, c.epoch) {
		bad.Check, bad.What = "checkpoint-row", "the row says something else than what is signed"
		v.find(bad)
		return nil
	}
	if !v.withinEpoch(c) || c.size < v.tree.size && !v.tree.broken {
		bad.Check, bad.What = "checkpoint-epoch", "the checkpoint lies outside of its epoch"
		v.find(bad)
		return nil
	}
	for i := range v.anchors {
		if a := &v.anchors[i]; a.epoch == c.epoch && a.c.Size == c.size {
			a.seen = true
		}
	}
	v.report.SignedSize, v.report.Checkpoint = c.size, c.note
	if v.o.Settled != nil && v.o.Settled(c.note) {
		v.report.SettledSize, v.report.Settled, v.loose = c.size, c.note, 0
	}
	if c.size == v.tree.size {
		bad.Check, bad.What = "checkpoint-root", "the entries do not lead to the root that was signed"
		v.tree.trust(said.Root, bad)
	}
	return nil
}

// withinEpoch reports whether a checkpoint's size lies within its epoch.
func (v *verifier) withinEpoch(c storedCheckpoint) bool {
	for i, e := range v.epochs {
		if e.Epoch == c.epoch {
			return c.size >= e.StartSize && (i == len(v.epochs)-1 || c.size <= v.epochs[i+1].StartSize)
		}
	}
	return false
}

// endCheckpoints looks at the checkpoints and marks that the log did not reach.
func (v *verifier) endCheckpoints(ctx context.Context) error {
	for {
		c, err := v.signed.peek()
		if err != nil {
			return err
		}
		if c == nil {
			break
		}
		if c.size > v.size {
			v.find(Finding{
				Exit: Altered, Check: "checkpoint-beyond", Table: "journal_checkpoint",
				Place: fmt.Sprintf("epoch %d size %d", c.epoch, c.size), Index: v.size,
				What: fmt.Sprintf("%d entries were signed, the log holds %d", c.size, v.size),
			})
		}
		if err := v.takeCheckpoint(c); err != nil {
			return err
		}
	}
	for _, m := range v.marks {
		if m.size > v.size {
			m.where.Index = v.size
			m.where.What += fmt.Sprintf(": it is of %d entries, the log holds %d", m.size, v.size)
			v.find(m.where)
		}
	}
	for _, a := range v.anchors {
		if !a.seen && a.c.Size > 0 {
			v.find(Finding{
				Exit: Altered, Check: "checkpoint-gone", Table: "journal_checkpoint",
				Place: fmt.Sprintf("epoch %d size %d", a.epoch, a.c.Size), Index: a.c.Size,
				What: "a checkpoint that was kept as " + a.Name + " is not among those of the log",
			})
		}
	}
	v.settledOrNot()
	return ctx.Err()
}

// settledOrNot says how far the log is vouched for.
func (v *verifier) settledOrNot() {
	r := &v.report
	r.Unsigned = max(v.size-r.SignedSize, 0)
	if v.o.Policy != nil && r.Settled != "" {
		by, _ := v.o.Policy.Check(r.Settled)
		for _, c := range by {
			r.Cosigned = append(r.Cosigned, Cosigned{c.Name, c.At})
		}
	}
	switch unsettled := v.size - r.SettledSize; {
	case v.o.Settled == nil:
		r.Witnessed = "not witnessed: only the node signs its checkpoints"
	case r.Settled != "" && unsettled <= 0:
		r.Witnessed = "witnessed as the policy asks"
	case r.Settled != "" && v.looseYoung():
		r.Witnessed = fmt.Sprintf("witnessed as the policy asks up to entry %d; %d newer ones are unsettled", r.SettledSize, unsettled)
	default:
		r.Witnessed = fmt.Sprintf("not witnessed as the policy asks: settled are %d entries of %d", r.SettledSize, v.size)
		v.find(Finding{
			Exit: NotSettled, Check: "not-witnessed", Table: "journal_checkpoint", Index: r.SettledSize,
			Place: fmt.Sprintf("size %d", r.SettledSize), What: "the checkpoints after this one lack cosignatures that the policy asks for",
		})
	}
	if v.size > 0 && r.SignedSize == 0 && !v.keys.empty() {
		v.find(Finding{
			Exit: NotSettled, Check: "not-signed", Table: "journal_checkpoint", Place: "none", Index: 0,
			What: "no checkpoint vouches for the entries",
		})
	}
}

// looseYoung reports whether every entry that is not settled is younger than a
// cosignature may take.
func (v *verifier) looseYoung() bool {
	return !v.now.IsZero() && v.loose != 0 && v.now.Sub(time.UnixMicro(v.loose)) <= settleMost
}

// endHead compares journal_head with what the entries say.
func (v *verifier) endHead() {
	switch h := v.head; {
	case h == nil && v.size > 0:
		v.find(headFinding("head-gone", "the row is missing"))
	case h == nil:
	case h.size > v.size:
		root := v.tree.root()
		if !v.tree.broken && bytes.Equal(root[:], h.root) {
			v.find(headFinding("head-size", fmt.Sprintf("the size is %d, the log holds %d entries", h.size, v.size)))
			return
		}
		v.find(entryFinding("entry-gone", v.size, fmt.Sprintf("the entries from here to %d are missing", h.size-1)))
		v.tree.broken = true
	case h.size < v.size:
		root := v.tree.root()
		if v.tree.broken || bytes.Equal(root[:], h.root) {
			v.find(entryFinding("entry-extra", h.size, fmt.Sprintf("the log was closed at %d entries, and there are more", h.size)))
		} else {
			v.find(headFinding("head-size", fmt.Sprintf("the size is %d, the log holds %d entries", h.size, v.size)))
		}
	case v.tree.broken:
	case !bytes.Equal(h.frontier, packHashes(v.tree.frontier)):
		v.find(headFinding("head-frontier", "the right edge is not that of the entries"))
	case v.size > 0 && h.lastAt != v.maxAt:
		v.find(headFinding("head-time", "the time of the newest entry is another"))
	}
}
