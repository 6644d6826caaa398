package staff

import (
	"context"
	"fmt"
	"strings"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
)

const tableMail = "staff_mail"

// How long the code lives that confirms an address, and how often it may be typed wrong.
const (
	mailCodeFor   = 30 * time.Minute
	mailCodeTries = 5
)

// Mail is where somebody is told that something waits, as they see it themselves.
type Mail struct {
	Address Secret // confirmed, "" for none
	Asked   Secret // waits for its code, "" for none
}

// mailRecord is what the sealed blob of an address holds.
type mailRecord struct {
	Address string `cbor:"1,keyasint,omitempty"`
	Next    string `cbor:"2,keyasint,omitempty"`
	Code    string `cbor:"3,keyasint,omitempty"`
	Until   int64  `cbor:"4,keyasint,omitempty"`
	Tries   int64  `cbor:"5,keyasint,omitempty"`

	staff   ident.Staff
	version int64
}

var errMailCode = fault.InvalidField("mail_code", "mail-code")

// Mails lets word be sent by e-mail; valid says whether a text is an address. It is called
// once, before the office is used.
func (o *Office) Mails(valid func(string) bool) { o.validMail = valid }

// SendsMail reports whether word is sent by e-mail.
func (o *Office) SendsMail() bool { return o.validMail != nil }

// OwnMail returns where the person behind s is told by e-mail.
func (o *Office) OwnMail(ctx context.Context, s Session) (m Mail, err error) {
	err = o.db.Read(ctx, func(tx *store.Tx) error {
		me, err := o.liveSession(ctx, tx, s.ID)
		if err != nil {
			return err
		}
		r, err := o.mail(ctx, tx, me.Staff)
		if err == nil {
			m = Mail{Address: Secret(r.Address)}
			if r.Until > clock.Micros(tx.Now()) {
				m.Asked = Secret(r.Next)
			}
		}
		return err
	})
	return m, err
}

// AskMail sends a code to an address that the person behind s says is theirs. It needs a
// fresh session. The address before stays until the new one is confirmed.
func (o *Office) AskMail(ctx context.Context, s Session, address Secret) error {
	if !o.SendsMail() {
		return fault.New(fault.NotFound, "no-such-page")
	}
	if !o.validMail(string(address)) {
		return fault.InvalidField("mail_address", "email")
	}
	return o.db.Write(ctx, func(tx *store.Tx) error {
		me, err := o.freshSession(ctx, tx, s.ID)
		if err != nil {
			return err
		}
		r, err := o.mail(ctx, tx, me.Staff)
		if err != nil {
			return err
		}
		r.Next, r.Code, r.Tries = string(address), string(newVoiceCode()), 0
		r.Until = clock.Micros(tx.Now().Add(mailCodeFor))
		if err := o.saveMail(ctx, tx, r); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlQueueCode, me.Staff, clock.Micros(tx.Now())); err != nil {
			return fmt.Errorf("queue code: %w", err)
		}
		return nil
	})
}

// ConfirmMail confirms the address with the code that was sent to it: from now on its
// person is told by e-mail that something waits.
func (o *Office) ConfirmMail(ctx context.Context, s Session, code Secret) error {
	var refused error
	err := o.db.Write(ctx, func(tx *store.Tx) error {
		refused = nil
		me, err := o.liveSession(ctx, tx, s.ID)
		if err != nil {
			return err
		}
		r, err := o.mail(ctx, tx, me.Staff)
		if err != nil {
			return err
		}
		if r.Next == "" || r.Until <= clock.Micros(tx.Now()) || r.Tries >= mailCodeTries {
			refused = errMailCode
			return nil
		}
		plain := strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(string(code)))
		if !equal([]byte(plain), []byte(r.Code)) {
			refused = errMailCode
			r.Tries++
			return o.saveMail(ctx, tx, r)
		}
		r.Address, r.Next, r.Code, r.Until, r.Tries = r.Next, "", "", 0, 0
		if err := o.saveMail(ctx, tx, r); err != nil {
			return err
		}
		_, err = o.journal.Append(ctx, tx, me.By().entry(journal.Update, "staff.mail"))
		return err
	})
	if err == nil {
		err = refused
	}
	return err
}

// EndMail takes the address of the person behind s away, and what was on its way to it.
func (o *Office) EndMail(ctx context.Context, s Session) error {
	return o.db.Write(ctx, func(tx *store.Tx) error {
		me, err := o.liveSession(ctx, tx, s.ID)
		if err != nil {
			return err
		}
		for _, query := range []string{sqlDeleteOutbox, sqlDeleteMail} {
			if _, err := tx.Exec(ctx, query, me.Staff); err != nil {
				return fmt.Errorf("delete address: %w", err)
			}
		}
		_, err = o.journal.Append(ctx, tx, me.By().entry(journal.Update, "staff.mail"))
		return err
	})
}

// mail reads somebody's address; who gave none has an empty one.
func (o *Office) mail(ctx context.Context, tx *store.Tx, who ident.Staff) (*mailRecord, error) {
	r, err := o.scanMail(tx.QueryRow(ctx, sqlSelectMail, who))
	if fault.Is(err, fault.NotFound) {
		return &mailRecord{staff: who}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read address: %w", err)
	}
	return r, nil
}

func (o *Office) scanMail(row scanner) (*mailRecord, error) {
	var who ident.Staff
	var version int64
	var blob []byte
	if err := row.Scan(&who, &version, &blob); err != nil {
		return nil, err
	}
	var r mailRecord
	if err := o.seals.OpenNode(tableMail, who[:], version, blob, &r); err != nil {
		return nil, fmt.Errorf("open address: %w", err)
	}
	r.staff, r.version = who, version
	return &r, nil
}

func (o *Office) saveMail(ctx context.Context, tx *store.Tx, r *mailRecord) error {
	before := r.version
	r.version++
	blob, err := o.seals.SealNode(tableMail, r.staff[:], r.version, r)
	if err != nil {
		return fmt.Errorf("seal address: %w", err)
	}
	args := []any{r.staff, r.Address != "", r.version, blob}
	if before == 0 {
		_, err = tx.Exec(ctx, sqlInsertMail, args...)
	} else {
		var n int64
		if n, err = tx.Exec(ctx, sqlUpdateMail, append(args, before)...); err == nil && n != 1 {
			err = fault.New(fault.Conflict, "changed-meanwhile")
		}
	}
	if err != nil {
		return fmt.Errorf("write address: %w", err)
	}
	return nil
}

// resealMail does for addresses what Reseal does for all.
func (o *Office) resealMail(ctx context.Context, tx *store.Tx) (int, error) {
	rows, err := tx.Query(ctx, sqlAllMail)
	all, err := collect(rows, err, o.scanMail)
	if err != nil {
		return 0, fmt.Errorf("read addresses: %w", err)
	}
	for _, r := range all {
		blob, err := o.seals.SealNode(tableMail, r.staff[:], r.version, r)
		if err != nil {
			return 0, fmt.Errorf("seal address: %w", err)
		}
		if _, err := tx.Exec(ctx, sqlResealMail, r.staff, r.version, blob); err != nil {
			return 0, fmt.Errorf("reseal address: %w", err)
		}
	}
	return len(all), nil
}
