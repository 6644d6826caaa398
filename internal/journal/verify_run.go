package journal

import (
	"context"
	"encoding/base64"
	"fmt"
	"math"
	"slices"
	"time"

	"causeway/internal/ident"
)

// verifier is one run of [Verify] over one snapshot.
type verifier struct {
	r        reader
	o        Options
	keys     *keyring
	now      time.Time
	progress func(done, of int64)
	report   Report

	anchors []Anchor
	marks   []mark // roots that somebody other than journal_checkpoint vouches for, by size
	epochs  []Epoch
	head    *storedHead
	signed  cursor[storedCheckpoint]
	next    int64 // size at which a mark or a checkpoint waits

	sums    summer
	total   totals
	tree    *treeCheck
	ids     uniqueIDs
	size    int64 // entries seen, which is the position expected next
	maxAt   int64
	erased  map[ident.Subject]bool
	missing map[ident.Subject]int64 // payloads that are not there, not yet excused
	more    bool                    // there are more than missing holds
	ahead   *Finding                // an entry names an epoch that had not begun
	loose   int64                   // time of the first entry after the newest settled checkpoint, 0 for none
}

// totals are the sums over all entries; each batch adds its own.
type totals struct {
	link, length, subject sum
	links, subjects       int64
}

func (t *totals) add(o totals) {
	t.link.add(o.link)
	t.length.add(o.length)
	t.subject.add(o.subject)
	t.links += o.links
	t.subjects += o.subjects
}

// missingMost bounds how many subjects without payload are remembered; above
// it, a second reading looks for those that no erasure excuses. A test makes it
// small.
var missingMost = 1 << 16

func newVerifier(r reader, o Options, keys *keyring, progress func(done, of int64)) *verifier {
	v := &verifier{
		r: r, o: o, keys: keys, anchors: slices.Clone(o.Anchors), now: o.Now, progress: progress, sums: newSummer(),
		erased: map[ident.Subject]bool{}, missing: map[ident.Subject]int64{}, maxAt: math.MinInt64,
	}
	v.report.Actions = map[string]int64{}
	return v
}

// find notes a finding: the first place of each check, and how many more.
func (v *verifier) find(f Finding) {
	for i := range v.report.Findings {
		old := &v.report.Findings[i]
		if old.Check == f.Check && old.Table == f.Table {
			old.More += 1 + f.More
			return
		}
	}
	v.report.Findings = append(v.report.Findings, f)
}

func headFinding(check, what string) Finding {
	return Finding{Exit: Altered, Check: check, Table: "journal_head", Place: "log node", Index: -1, What: what}
}

func (v *verifier) run(ctx context.Context) error {
	v.tree = &treeCheck{v: v}
	for _, step := range []func(context.Context) error{
		v.begin, v.entries, v.end, v.waiting, v.chains, v.subjects, v.erasures, v.again,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// begin reads what the log says about itself and prepares the roots to compare.
func (v *verifier) begin(ctx context.Context) error {
	a := v.r.about()
	v.report.Source = a.kind
	if a.bad != nil {
		v.find(*a.bad)
	}
	if v.now.IsZero() {
		v.now = a.made
	}
	if v.keys.empty() && len(a.keys) > 0 {
		own, err := newKeyring(a.keys)
		if err != nil {
			return err
		}
		v.keys, v.report.OwnKeys = own, true
	}
	if v.keys.empty() {
		v.find(Finding{
			Exit: Incomplete, Check: "no-key", Table: "journal_checkpoint", Index: -1,
			What: "signatures were not checked: no verifier key was given",
		})
	}
	v.report.Node = v.keys.node
	v.signed.next = func(after *storedCheckpoint) ([]storedCheckpoint, error) {
		if after == nil {
			return v.r.checkpoints(ctx, math.MinInt64, math.MinInt64)
		}
		return v.r.checkpoints(ctx, after.epoch, after.size)
	}
	if err := v.readHead(ctx); err != nil {
		return err
	}
	if err := v.readEpochs(ctx); err != nil {
		return err
	}
	v.readAnchors()
	return v.reach(ctx)
}

func (v *verifier) readHead(ctx context.Context) error {
	heads, err := v.r.heads(ctx)
	for i := range heads {
		if heads[i].log == "node" && v.head == nil {
			v.head = &heads[i]
			continue
		}
		v.find(Finding{
			Exit: Altered, Check: "head-stray", Table: "journal_head", Place: "row " + fmt.Sprint(i), Index: -1,
			What: "there is one log, and this row is of another",
		})
	}
	return err
}

// batchesAhead is how many batches are hashed while the next is read.
const batchesAhead = 3

// entries reads all entries, hashes them on the other processors and builds the
// tree in order.
func (v *verifier) entries(ctx context.Context) error {
	var waiting []*batch // being hashed, oldest first; this goroutine waits for each
	defer func() {
		for _, b := range waiting {
			<-b.ready
		}
	}()
	takeOldest := func() (*batch, error) {
		b := waiting[0]
		waiting = waiting[1:]
		<-b.ready
		return b, v.take(ctx, b)
	}
	position := int64(math.MinInt64)
	for {
		var b *batch
		var err error
		if len(waiting) < batchesAhead {
			b = newBatch(v, "journal_entry")
		} else if b, err = takeOldest(); err != nil {
			return err
		}
		b.page.reset()
		if err := v.r.entries(ctx, position, &b.page); err != nil {
			return err
		}
		n := len(b.page.rows)
		if n == 0 {
			break
		}
		v.meet(&b.page.rows[0])
		b.node = v.report.Node
		waiting = append(waiting, b)
		go b.hash()
		last := b.page.rows[n-1].idx
		if last == math.MaxInt64 {
			break
		}
		position = last + 1
	}
	for len(waiting) > 0 {
		if _, err := takeOldest(); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// meet learns the node's name from the first entry where no key has told it.
func (v *verifier) meet(first *raw) {
	if v.report.Node == "" {
		if h, err := ParseHeader(first.header); err == nil {
			v.report.Node = h.Node
		}
	}
}

// take puts the entries of a hashed batch into the tree.
func (v *verifier) take(ctx context.Context, b *batch) error {
	v.merge(b)
	for i := range b.done {
		if err := v.takeEntry(ctx, b.page.rows[i].idx, &b.done[i]); err != nil {
			return err
		}
	}
	if v.progress != nil {
		of := v.size
		if v.head != nil {
			of = max(of, v.head.size)
		}
		v.progress(v.size, of)
	}
	return nil
}

// merge adds what a batch found out by itself.
func (v *verifier) merge(b *batch) {
	for _, f := range b.found {
		v.find(f)
	}
	v.total.add(b.totals)
	for a, n := range b.actions {
		v.report.Actions[a] += n
	}
	for _, s := range b.erased {
		v.erased[s] = true
		v.report.Tombstones++
	}
	for _, m := range b.missing {
		v.report.ErasedPayloads++
		_, known := v.missing[m.subject]
		switch {
		case known || v.erased[m.subject]:
		case len(v.missing) < missingMost:
			v.missing[m.subject] = m.idx
		default:
			v.more = true
		}
	}
}

func (v *verifier) takeEntry(ctx context.Context, idx int64, e *hashed) error {
	if idx != v.size {
		if idx < v.size {
			v.find(entryFinding("position", idx, "no entry has a position below 0"))
			return nil
		}
		v.find(entryFinding("entry-gone", v.size, fmt.Sprintf("the entries from here to %d are missing", idx-1)))
		v.tree.settle()
		v.tree.broken = true
		v.size = idx
	}
	v.size++
	if e.good {
		if v.loose == 0 && idx >= v.report.SettledSize {
			v.loose = e.at
		}
		v.takeTime(idx, e)
		if !v.ids.add(e.id) {
			v.find(entryFinding("entry-twice", idx, "another entry has the same identifier"))
		}
		if in := v.epochAt(idx); e.epoch > in && v.ahead == nil {
			v.ahead = &Finding{
				Exit: Altered, Check: "epoch-gone", Table: "journal_epoch", Place: fmt.Sprintf("epoch %d", e.epoch), Index: idx,
				What: fmt.Sprintf("entry %d names epoch %d, which had not begun: the row is missing or was changed", idx, e.epoch),
			}
		}
	}
	if v.head != nil && idx >= v.head.size {
		return nil // beyond the head: judged at the end
	}
	if err := v.tree.add(ctx, e.leaf); err != nil {
		return err
	}
	if v.tree.size == v.next {
		return v.reach(ctx)
	}
	return nil
}

// listed bounds the lists of places in the report.
const listed = 100

// lateMost is how far an entry's time may lie behind an earlier entry's before
// it is listed: several instances do not agree to the second.
const lateMost = int64(5 * time.Minute / time.Microsecond)

func (v *verifier) takeTime(idx int64, e *hashed) {
	r := &v.report
	if r.From.IsZero() {
		r.From = time.UnixMicro(e.at).UTC()
	}
	if e.stepped {
		r.ClockSteps++
		r.ClockStepsAt = appendUpTo(r.ClockStepsAt, idx)
	}
	if v.maxAt > math.MinInt64 && e.at < v.maxAt-lateMost {
		r.Late++
		r.LateAt = appendUpTo(r.LateAt, idx)
	}
	v.maxAt = max(v.maxAt, e.at)
}

func appendUpTo(list []int64, idx int64) []int64 {
	if len(list) < listed {
		list = append(list, idx)
	}
	return list
}

func entryFinding(check string, idx int64, what string) Finding {
	return Finding{Exit: Altered, Check: check, Table: "journal_entry", Place: entryPlace(idx), Index: idx, What: what}
}

// end compares what is left when every entry was read.
func (v *verifier) end(ctx context.Context) error {
	v.report.Size = v.size
	v.endHead()
	if err := v.endCheckpoints(ctx); err != nil {
		return err
	}
	v.tree.settle()
	if v.ahead != nil && !v.tree.broken { // an altered entry is named already
		v.find(*v.ahead)
	}
	if err := v.tree.finish(ctx); err != nil {
		return err
	}
	root := v.tree.root()
	v.report.Root = base64.StdEncoding.EncodeToString(root[:])
	if v.size > 0 && !v.report.From.IsZero() {
		v.report.To = time.UnixMicro(v.maxAt).UTC()
	}
	return nil
}
