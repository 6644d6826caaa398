package journal

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"causeway/internal/ident"

	"golang.org/x/mod/sumdb/tlog"
)

// subjects compares the subject index with the entries.
func (v *verifier) subjects(ctx context.Context) error {
	total, n := v.total.subject, v.total.subjects
	ok, err := v.r.subjects(ctx, func(subject []byte, idx int64) error {
		total.sub(v.sums.at(kindSubject, subject, idx))
		n--
		return nil
	})
	v.report.SubjectIndex = "complete and exact"
	if !ok {
		v.report.SubjectIndex = "not part of this source"
	}
	if err != nil || !ok || total.zero() && n == 0 {
		return err
	}
	v.report.SubjectIndex = "not what the entries say"
	return v.traceSubjects(ctx)
}

// partRows is how many rows of the index, or identifiers, the second reading
// keeps at once; a test makes it small.
var partRows int64 = 200_000

// traceSubjects reads again to name a row too many or too few.
func (v *verifier) traceSubjects(ctx context.Context) error {
	parts := 1 + v.total.subjects/partRows
	for part := range parts {
		left := map[[2]uint64]int64{} // what the entries ask for, by a keyed hash
		want := func(subject []byte, idx int64) ([2]uint64, bool) {
			s := v.sums.at(kindSubject, subject, idx)
			return [2]uint64{s[0], s[1]}, int64(s[3]%uint64(parts)) == part
		}
		err := v.each(ctx, func(idx int64, h *Header, _ tlog.Hash) error {
			for _, s := range h.Subjects {
				if k, mine := want(s, idx); mine && idx >= 0 {
					left[k] = idx
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		_, err = v.r.subjects(ctx, func(subject []byte, idx int64) error {
			k, mine := want(subject, idx)
			if _, ok := left[k]; mine && !ok {
				v.find(Finding{
					Exit: Altered, Check: "subject-extra", Table: "journal_subject", Index: idx,
					Place: fmt.Sprintf("subject %x idx %d", subject, idx), What: "the entry is not about this subject",
				})
			}
			delete(left, k)
			return nil
		})
		if err != nil {
			return err
		}
		for _, idx := range slices.Sorted(maps.Values(left)) {
			v.find(Finding{
				Exit: Altered, Check: "subject-gone", Table: "journal_subject", Index: idx,
				Place: entryPlace(idx), What: "the index does not say that this entry is about one of its subjects",
			})
		}
	}
	return nil
}

// erasures compares the payloads that are not there with the tombstones.
func (v *verifier) erasures(ctx context.Context) error {
	v.report.Erased = int64(len(v.erased))
	first := absent{idx: -1}
	for s, idx := range v.missing {
		if !v.erased[s] && (first.idx < 0 || idx < first.idx) {
			first = absent{s, idx}
		}
	}
	if first.idx >= 0 {
		v.find(v.payloadGone(first.idx))
	}
	if len(v.erased) == 0 {
		return nil
	}
	idx, found, err := v.r.leftover(ctx, v.erased)
	if found {
		v.find(Finding{
			Exit: Incomplete, Check: "erasure-unfinished", Table: "journal_entry", Place: entryPlace(idx), Index: idx,
			What: "the subject was erased, and this sealed payload is still there",
		})
	}
	return err
}

// payloadGone is about a payload that no erasure excuses. Where entries are
// missing, the erasure may be among them.
func (v *verifier) payloadGone(idx int64) Finding {
	f := entryFinding("payload-gone", idx, "the sealed payload is missing, and no erasure says why")
	if v.tree.broken {
		f.Exit, f.What = Incomplete, f.What+" (the entry that says so may be among those missing)"
	}
	return f
}

// again reads the entries once more for what the first reading had no room for.
func (v *verifier) again(ctx context.Context) error {
	if v.more {
		err := v.eachRow(ctx, func(idx int64, e *raw, h *Header, _ tlog.Hash) error {
			if h.Payload != nil && !e.has && len(h.Subjects) == 1 && !v.erased[ident.Subject(h.Subjects[0])] {
				v.find(v.payloadGone(idx))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if !v.ids.late {
		return nil
	}
	return v.uniqueByParts(ctx)
}

// uniqueByParts finds an identifier that comes twice where entries came far out
// of order, reading everything once for each part of the identifiers.
func (v *verifier) uniqueByParts(ctx context.Context) error {
	parts := 1 + uint64((v.size+v.report.Pending)/partRows)
	for part := range parts {
		seen := map[ident.Entry]bool{}
		err := v.each(ctx, func(idx int64, h *Header, _ tlog.Hash) error {
			id := h.EntryID()
			if keyOf(id).lo%parts != part {
				return nil
			}
			if seen[id] {
				v.find(entryFinding("entry-twice", idx, "another entry has the same identifier"))
			}
			seen[id] = true
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// each reads every entry whose header can be read once more, those that wait
// with position -1.
func (v *verifier) each(ctx context.Context, fn func(idx int64, h *Header, leaf tlog.Hash) error) error {
	return v.eachRow(ctx, func(idx int64, _ *raw, h *Header, leaf tlog.Hash) error { return fn(idx, h, leaf) })
}

func (v *verifier) eachRow(ctx context.Context, fn func(idx int64, e *raw, h *Header, leaf tlog.Hash) error) error {
	var h Header
	one := func(idx int64, e *raw) error {
		if h.parse(e.header) != nil || h.shape() != "" {
			return nil
		}
		return fn(idx, e, &h, tlog.RecordHash(e.header))
	}
	var p page
	for position := int64(math.MinInt64); ; {
		p.reset()
		if err := v.r.entries(ctx, position, &p); err != nil {
			return err
		}
		if len(p.rows) == 0 {
			break
		}
		for i := range p.rows {
			if err := one(p.rows[i].idx, &p.rows[i]); err != nil {
				return err
			}
		}
		position = p.rows[len(p.rows)-1].idx
		if position == math.MaxInt64 {
			break
		}
		position++
	}
	return v.r.pending(ctx, func(e raw) error { return one(-1, &e) })
}

func compareSubjects(a, b ident.Subject) int { return bytes.Compare(a[:], b[:]) }
