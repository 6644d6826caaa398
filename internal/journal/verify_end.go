package journal

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"causeway/internal/ident"

	"golang.org/x/mod/sumdb/tlog"
)

// waiting looks at the entries that have no place yet.
func (v *verifier) waiting(ctx context.Context) error {
	b := newBatch(v, "journal_pending")
	b.node = v.report.Node
	flush := func() {
		b.hash()
		<-b.ready
		v.merge(b)
		for i := range b.done {
			v.takePending(b.page.rows[i].id, &b.done[i])
		}
		b.page.reset()
	}
	err := v.r.pending(ctx, func(e raw) error {
		b.page.add(e)
		if b.page.full() {
			flush()
		}
		return nil
	})
	if err != nil {
		return err
	}
	flush()
	if !v.ids.finish() {
		v.find(entryFinding("entry-twice", -1, "two entries have the same identifier"))
	}
	return nil
}

func (v *verifier) takePending(id []byte, e *hashed) {
	r := &v.report
	r.Pending++
	if !e.good {
		return
	}
	at := time.UnixMicro(e.at).UTC()
	if r.OldestPending.IsZero() || at.Before(r.OldestPending) {
		r.OldestPending = at
	}
	if !v.now.IsZero() && v.now.Sub(at) > waitMost {
		v.find(Finding{
			Exit: NotSettled, Check: "pending-old", Table: "journal_pending", Place: pendingPlace(id), Index: -1,
			What: "the entry has waited for its place for more than 5 minutes: the sequencer does not work",
		})
	}
	if !v.ids.add(e.id) {
		v.find(Finding{
			Exit: Altered, Check: "entry-twice", Table: "journal_pending", Place: pendingPlace(id), Index: -1,
			What: "another entry has the same identifier",
		})
	}
	if e.epoch > v.epochs[len(v.epochs)-1].Epoch {
		v.find(Finding{
			Exit: Altered, Check: "entry-epoch", Table: "journal_pending", Place: pendingPlace(id), Index: -1,
			What: "the entry names an epoch that had not begun",
		})
	}
}

// chains compares the sums over all links with journal_chain.
func (v *verifier) chains(ctx context.Context) error {
	link, length := v.total.link, v.total.length
	links := v.total.links
	err := v.r.chains(ctx, func(subject, head []byte, n int64) error {
		v.report.Chains++
		link.sub(v.sums.of(kindLink, subject, head))
		length.sub(v.sums.of(kindLength, subject).times(n))
		links -= n
		return nil
	})
	v.report.Links = v.total.links
	if err != nil || link.zero() && length.zero() && links == 0 {
		return err
	}
	before := len(v.report.Findings)
	if err := v.traceChains(ctx); err != nil {
		return err
	}
	if len(v.report.Findings) == before && v.report.worst() != Altered {
		v.find(Finding{
			Exit: Altered, Check: "chain", Table: "journal_chain", Place: "unknown", Index: -1,
			What: "the chains of the subjects do not add up",
		})
	}
	return nil
}

// partLinks is how many links the second reading keeps in memory at once; a test
// makes it small.
var partLinks int64 = 200_000

// strand is what the second reading knows of one subject's chain.
type strand struct {
	links map[tlog.Hash]int64 // position of each
	names []named
}

// named is a predecessor that the link at idx names.
type named struct {
	hash tlog.Hash
	idx  int64
}

// traceChains reads everything again to name the place where a chain is broken.
// It may use memory: it runs only when something is wrong.
func (v *verifier) traceChains(ctx context.Context) error {
	parts := int(1 + v.total.links/partLinks)
	for part := range parts {
		strands := map[ident.Subject]*strand{}
		err := v.each(ctx, func(idx int64, h *Header, leaf tlog.Hash) error {
			if !h.Chained || len(h.Subjects) != 1 || len(h.Subjects[0]) != 16 || int(h.Subjects[0][0])%parts != part {
				return nil
			}
			key := ident.Subject(h.Subjects[0])
			s := strands[key]
			if s == nil {
				s = &strand{links: map[tlog.Hash]int64{}}
				strands[key] = s
			}
			s.links[leaf] = idx
			if h.Prev != nil {
				s.names = append(s.names, named{tlog.Hash(h.Prev), idx})
			}
			return nil
		})
		if err != nil {
			return err
		}
		if err := v.compareStrands(ctx, strands, part, parts); err != nil {
			return err
		}
	}
	return nil
}

func chainFinding(check string, subject []byte, what string) Finding {
	return Finding{Exit: Altered, Check: check, Table: "journal_chain", Place: fmt.Sprintf("subject %x", subject), Index: -1, What: what}
}

// linkFinding is about an entry in a chain; those that wait have no position.
func linkFinding(check string, idx int64, subject []byte, what string) Finding {
	f := Finding{Exit: Altered, Check: check, Table: "journal_entry", Place: entryPlace(idx), Index: idx, What: what}
	if idx < 0 {
		f.Table, f.Place = "journal_pending", fmt.Sprintf("subject %x", subject)
	}
	return f
}

// compareStrands compares what the entries say with journal_chain.
func (v *verifier) compareStrands(ctx context.Context, strands map[ident.Subject]*strand, part, parts int) error {
	err := v.r.chains(ctx, func(subject, head []byte, n int64) error {
		if len(subject) != 16 || len(head) != tlog.HashSize {
			v.find(chainFinding("chain-row", subject, "not a subject and a hash"))
			return nil
		}
		if int(subject[0])%parts != part {
			return nil
		}
		key := ident.Subject(subject)
		s := strands[key]
		if s == nil {
			v.find(chainFinding("chain-stray", subject, "no entry writes about this subject"))
			return nil
		}
		delete(strands, key)
		v.compareStrand(s, subject, head, n)
		return nil
	})
	for _, key := range slices.SortedFunc(maps.Keys(strands), compareSubjects) {
		v.find(chainFinding("chain-gone", key[:], "the row is missing"))
	}
	return err
}

// compareStrand looks for the place where a chain is broken: each link but the
// newest is named by exactly one other.
func (v *verifier) compareStrand(s *strand, subject, head []byte, n int64) {
	heads := maps.Clone(s.links)
	for _, p := range s.names {
		_, known := s.links[p.hash]
		_, free := heads[p.hash]
		switch {
		case !known:
			v.find(linkFinding("chain-broken", p.idx, subject, "the entry names a predecessor that is not in the journal: an entry was taken away"))
			return // all else follows from that
		case !free:
			v.find(linkFinding("chain-fork", p.idx, subject, "another entry names the same predecessor"))
			return
		}
		delete(heads, p.hash)
	}
	_, right := heads[tlog.Hash(head)]
	count := int64(len(s.links))
	switch {
	case len(heads) > 1:
		idx := slices.Min(slices.Collect(maps.Values(heads)))
		v.find(linkFinding("chain-loose", idx, subject, "no later entry of the subject names this one, and it is not the newest"))
	case !right && n == count+1:
		v.find(linkFinding("chain-newest-gone", -1, subject, "the newest entry of the subject was taken away before it had its place"))
	case !right:
		v.find(chainFinding("chain-head", subject, "the row does not name the newest entry"))
	case n != count:
		v.find(chainFinding("chain-length", subject, fmt.Sprintf("the row counts %d entries, the journal has %d", n, count)))
	}
}
