package oversight

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/keys"
	"causeway/internal/pack"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

const tableWords = "oversight_words"

// mostText is the length of a text.
const mostText = 4000

// What words are.
const (
	WordsFiled    = "filed"    // what somebody complains of
	WordsReceived = "received" // that it has come
	WordsNote     = "note"     // what was found out meanwhile
	WordsAnswer   = "answer"   // of a complaint
	WordsChange   = "change"   // what is to change
	WordsReopened = "reopened" // why it is looked at once more

	WordsReason         = "reason"  // why an inquiry was opened
	WordsMark           = "mark"    // about one entry of the journal
	WordsFinding        = "finding" // what an inquiry found
	WordsRecommendation = "recommendation"
	WordsReply          = "reply" // of the unit
)

// Words is what was written about a complaint, an inquiry or a recommendation, once.
type Words struct {
	Kind  string
	At    time.Time
	By    ident.Staff
	Text  sealed.Text
	Code  string        // of an answer, its outcome; of a reply, its state
	Entry *journal.Line // of a mark, the entry

	id    ident.Words
	of    [16]byte
	about ident.Case
	seq   int64
	entry ident.Entry
	mac   []byte
	blob  []byte
}

// content is what of them is sealed.
type content struct {
	Text   sealed.Text `cbor:"1,keyasint,omitzero"`
	Number string      `cbor:"2,keyasint,omitempty"`
	Entry  []byte      `cbor:"3,keyasint,omitempty"`
	Code   string      `cbor:"4,keyasint,omitempty"`
}

func (w *Words) columns() []any {
	return []any{w.id, w.of, w.seq, w.At.UnixMicro(), w.By, w.about, w.Kind}
}

// write seals the words about something. Those about a case are erased with it.
func (r *Room) write(ctx context.Context, p *access.Pass, of [16]byte, about ident.Case, kind string, in content) error {
	w := Words{Kind: kind, At: p.Now(), By: p.Caller().Staff(), id: ident.New[ident.Words](), of: of, about: about}
	if err := p.Tx().QueryRow(ctx, sqlCountWords, of[:]).Scan(&w.seq); err != nil {
		return fmt.Errorf("write words: %w", err)
	}
	w.seq++
	blob, err := p.SealNode(tableWords, w.id[:], 1, &in)
	if err != nil {
		return fmt.Errorf("write words: %w", err)
	}
	w.mac = r.key.Digest(tableWords, w.columns()...)
	err = p.Tx().Put(ctx, sqlInsertWords, w.id, of[:], w.seq, w.At.UnixMicro(), w.By, w.about, kind, blob, w.mac)
	if err != nil {
		return fmt.Errorf("write words: %w", err)
	}
	p.Wrote(tableWords, w.id[:], 1, w.mac)
	return nil
}

// said returns what was written about something, in order, with the number of the case
// it is about; nothing where that was erased.
func (r *Room) said(ctx context.Context, p *access.Pass, of [16]byte) (all []Words, about ident.Case, number string, err error) {
	rows, err := p.Tx().Query(ctx, sqlSelectWords, of[:])
	if err != nil {
		return nil, about, "", fmt.Errorf("read words: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		w := Words{of: of}
		var at int64
		if err := rows.Scan(&w.id, &w.seq, &at, &w.By, &w.about, &w.Kind, &w.blob, &w.mac); err != nil {
			return nil, about, "", fmt.Errorf("read words: %w", err)
		}
		w.At = clock.FromMicros(at)
		all = append(all, w)
	}
	if err := rows.Err(); err != nil {
		return nil, about, "", err
	}
	for i := range all {
		w := &all[i]
		if err := r.key.Check(w.mac, tableWords, w.columns()...); err != nil {
			return nil, about, "", err
		}
		var in content
		if err := p.OpenNode(tableWords, w.id[:], 1, w.blob, &in); err != nil {
			return nil, about, "", err
		}
		w.Text, w.Code = in.Text, in.Code
		copy(w.entry[:], in.Entry)
		if in.Number != "" {
			number = in.Number
		}
		about = w.about
	}
	return all, about, number, nil
}

// caseOf returns the case that something is about, none for none.
func caseOf(ctx context.Context, p *access.Pass, of [16]byte) (about ident.Case, err error) {
	err = p.Tx().QueryRow(ctx, sqlCaseOfWords, of[:]).Scan(&about)
	if fault.Is(err, fault.NotFound) {
		err = nil
	}
	return about, err
}

// required rejects a text that is missing or too long.
func required(c *fault.Check, field string, t sealed.Text) {
	c.Require(!t.IsZero(), field, "required")
	optional(c, field, t)
}

// optional rejects a text that is too long.
func optional(c *fault.Check, field string, t sealed.Text) {
	if code := t.Fault(mostText); code != "" {
		c.Reject(field, code)
	}
}

// ErasedTables are the tables of which [EraseRows] deletes every row about a case.
func ErasedTables() []string { return []string{tableWords} }

// EraseRows deletes what was written about a case. What is left of a complaint or an
// inquiry about it are codes and days that lead to no child.
func EraseRows(ctx context.Context, tx *store.Tx, _ *keys.Sealer, of ident.Case) error {
	if _, err := tx.Exec(ctx, sqlEraseWords, of); err != nil {
		return fmt.Errorf("erase words: %w", err)
	}
	return nil
}

// Expire deletes the words of complaints that were answered, and of inquiries that were
// closed, longer ago than the pack says, and returns how many it did.
func (r *Room) Expire(ctx context.Context) (int, error) {
	job := r.gate.Job("complaints")
	var due [][]byte
	err := r.gate.Work(ctx, job, access.Act{Action: "complaint.due", Purpose: "maintenance"}, func(p *access.Pass) error {
		due = nil
		keep := r.codes.Clock(pack.ComplaintKeep).After(p.Now()).Sub(p.Now())
		rows, err := p.Tx().Query(ctx, sqlWordsOver, p.Now().Add(-keep).UnixMicro(), expirePage)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id []byte
			if err := rows.Scan(&id); err != nil {
				return err
			}
			due = append(due, id)
		}
		return rows.Err()
	})
	if err != nil || len(due) == 0 {
		return 0, err
	}
	_, err = r.gate.Do(ctx, job, access.Act{Action: "complaint.expire", Purpose: "maintenance"}, func(p *access.Pass) (string, error) {
		for _, id := range due {
			if _, err := p.Tx().Exec(ctx, sqlDeleteWords, id); err != nil {
				return "", fmt.Errorf("delete words: %w", err)
			}
		}
		return "", nil
	})
	return len(due), err
}

// expirePage is how many texts one transaction deletes, or seals anew.
const expirePage = 500

// Reseal seals the words that an earlier epoch key of the node sealed under the key of
// today, up to a page of them, and returns how many it did. below is the mark that every
// blob of today's key sorts after.
func (r *Room) Reseal(ctx context.Context, below []byte) (int, error) {
	n := 0
	_, err := r.gate.Do(ctx, r.gate.Job("rewrap"), access.Act{Action: "job.rewrap", Purpose: "maintenance"}, func(p *access.Pass) (string, error) {
		n = 0
		old, err := sealedBelow(ctx, p, below)
		if err != nil {
			return "", err
		}
		for _, w := range old {
			var in content
			if err := p.OpenNode(tableWords, w.id[:], 1, w.blob, &in); err != nil {
				return "", err
			}
			blob, err := p.SealNode(tableWords, w.id[:], 1, &in)
			if err != nil {
				return "", err
			}
			if _, err := p.Tx().Exec(ctx, sqlResealWords, w.id, blob); err != nil {
				return "", err
			}
		}
		n = len(old)
		return "", nil
	})
	return n, err
}

func sealedBelow(ctx context.Context, p *access.Pass, below []byte) (out []Words, err error) {
	rows, err := p.Tx().Query(ctx, sqlWordsBelow, below, expirePage)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var w Words
		if err := rows.Scan(&w.id, &w.blob); err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, rows.Err()
}
