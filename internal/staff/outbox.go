package staff

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/clock"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// The kinds of letters. Their words are in the catalogue of messages.
const (
	LetterWaits = "waits" // something waits
	LetterCode  = "code"  // the code that confirms an address
)

const (
	wordEvery    = time.Hour      // how often one person is told what is not urgent
	giveUpAfter  = 24 * time.Hour // of a letter that could not be sent
	unsentShown  = 7 * 24 * time.Hour
	firstRetry   = time.Minute
	longestRetry = time.Hour
)

// Letter is one that must be sent now. It says nothing but that something waits, or a code.
type Letter struct {
	Kind     string
	To       Secret
	Code     Secret
	Language string

	staff  ident.Staff
	queued int64
}

// urgentNotices are those that somebody is told at once.
var urgentNotices = map[NoticeKind]bool{NoticeGlass: true, NoticeGlassLate: true, NoticeVolume: true, NoticeWrongCodes: true}

// TellByMail queues word that something waits for some people, in the transaction of what
// waits: at once, or within what one person is told in an hour. Who gave no address is
// left out.
func (o *Office) TellByMail(ctx context.Context, tx *store.Tx, urgent bool, people ...ident.Staff) error {
	if !o.SendsMail() {
		return nil
	}
	for _, who := range people {
		if _, err := tx.Exec(ctx, sqlQueueWord, who, clock.Micros(tx.Now()), urgent, wordEvery.Microseconds()); err != nil {
			return fmt.Errorf("queue word: %w", err)
		}
	}
	return nil
}

// Letters returns up to so many letters whose time has come. Each is tried again later
// unless [Office.Sent] says that it went; what could not be sent for a day is given up.
func (o *Office) Letters(ctx context.Context, most int) ([]Letter, error) {
	var out []Letter
	err := o.db.Write(ctx, func(tx *store.Tx) error {
		out = nil
		rows, err := tx.Query(ctx, sqlSelectOutbox, clock.Micros(tx.Now()), most)
		type queued struct {
			Letter
			tries int64
		}
		all, err := collect(rows, err, func(row scanner) (q queued, err error) {
			return q, row.Scan(&q.staff, &q.Kind, &q.queued, &q.tries)
		})
		if err != nil {
			return fmt.Errorf("read letters: %w", err)
		}
		for _, q := range all {
			there, err := o.address(ctx, tx, &q.Letter)
			if err != nil {
				return err
			}
			late := tx.Now().Sub(clock.FromMicros(q.queued)) >= giveUpAfter
			switch {
			case !there:
				_, err = tx.Exec(ctx, sqlDropOutbox, q.staff, q.Kind, int64(0))
			case late:
				_, err = tx.Exec(ctx, sqlDropOutbox, q.staff, q.Kind, clock.Micros(tx.Now()))
			default:
				wait := min(firstRetry<<min(q.tries, 10), longestRetry)
				_, err = tx.Exec(ctx, sqlTryOutbox, q.staff, q.Kind, clock.Micros(tx.Now().Add(wait)))
				out = append(out, q.Letter)
			}
			if err != nil {
				return fmt.Errorf("take letter: %w", err)
			}
		}
		return nil
	})
	return out, err
}

// address fills in where a letter goes, and reports whether there is such a place still.
func (o *Office) address(ctx context.Context, tx *store.Tx, l *Letter) (bool, error) {
	a, err := o.account(ctx, tx, sqlSelectAccount, l.staff)
	if err != nil {
		return false, err
	}
	r, err := o.mail(ctx, tx, l.staff)
	if err != nil || a.State == Disabled {
		return false, err
	}
	l.Language, l.To = a.Language, Secret(r.Address)
	if l.Kind == LetterCode {
		l.To, l.Code = Secret(r.Next), Secret(r.Code)
		return r.Next != "" && r.Until > clock.Micros(tx.Now()), nil
	}
	return r.Address != "", nil
}

// Sent keeps that a letter went. What was queued since then stays.
func (o *Office) Sent(ctx context.Context, l Letter) error {
	return o.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, sqlSentOutbox, l.staff, l.Kind, clock.Micros(tx.Now()), l.queued)
		return err
	})
}

// Unsent returns to how many people a letter was given up in the last week, and not sent
// since.
func (o *Office) Unsent(ctx context.Context) (n int, err error) {
	err = o.db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, sqlCountUnsent, clock.Micros(tx.Now().Add(-unsentShown))).Scan(&n)
	})
	return n, err
}
