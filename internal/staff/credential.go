package staff

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// Credential is one thing a person can prove themselves with.
type Credential struct {
	ID    ident.Credential
	Kind  string // ByPassword, ByTOTP or ByPasskey
	Label sealed.Text
	Made  time.Time
	Used  time.Time // passkeys only; zero: never
}

const tablePassword = "staff_password"

// passwordRecord is what the sealed blob of a password holds: the hash is worth
// nothing to whoever has the database alone.
type passwordRecord struct {
	Staff ident.Staff `cbor:"1,keyasint"`
	Hash  string      `cbor:"2,keyasint"`
}

type password struct {
	id      ident.Credential
	version int64
	changed int64
	hash    string
}

// password reads a person's password, nil when there is none.
func (o *Office) password(ctx context.Context, tx *store.Tx, id ident.Staff) (*password, error) {
	var p password
	var blob []byte
	err := tx.QueryRow(ctx, sqlSelectPassword, id).Scan(&p.id, &p.version, &p.changed, &blob)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read password: %w", err)
	}
	var rec passwordRecord
	if err := o.seals.OpenNode(tablePassword, p.id[:], p.version, blob, &rec); err != nil {
		return nil, fmt.Errorf("open password: %w", err)
	}
	if rec.Staff != id {
		return nil, errAltered
	}
	p.hash = rec.Hash
	return &p, nil
}

// savePassword writes a new hash: of a first, a new or a rehashed password.
func (o *Office) savePassword(ctx context.Context, tx *store.Tx, id ident.Staff, hash string, changed bool) (journal.RowState, error) {
	none := journal.RowState{}
	p, err := o.password(ctx, tx, id)
	if err != nil {
		return none, err
	}
	first := p == nil
	if first {
		p = &password{id: ident.New[ident.Credential]()}
	}
	p.version++
	if changed || first {
		p.changed = clock.Micros(tx.Now())
	}
	blob, err := o.seals.SealNode(tablePassword, p.id[:], p.version, passwordRecord{id, hash})
	if err != nil {
		return none, fmt.Errorf("seal password: %w", err)
	}
	var n int64
	if first {
		n, err = tx.Exec(ctx, sqlInsertPassword, id, p.id, p.version, p.changed, blob)
	} else {
		n, err = tx.Exec(ctx, sqlUpdatePassword, id, p.version-1, p.version, p.changed, blob)
	}
	if err != nil {
		return none, fmt.Errorf("save password: %w", err)
	}
	if n != 1 {
		return none, fault.New(fault.Conflict, "changed-meanwhile")
	}
	return o.credentialRow(tablePassword, p.id, p.version, id), nil
}

// credentialRow names a credential in a journal entry.
func (o *Office) credentialRow(table string, id ident.Credential, version int64, staff ident.Staff) journal.RowState {
	return journal.RowState{Table: table, Row: id[:], Version: version, MAC: o.rowMAC(table, id[:], version, staff[:])}
}

// gone names a row that was deleted in a journal entry.
func gone(table string, row []byte) journal.RowState {
	return journal.RowState{Table: table, Row: row, Version: 1}
}

// held is what a person can prove themselves with.
type held struct {
	password *password
	totp     *totp
	passkeys []passkey
}

// strong reports whether a second factor is there.
func (h held) strong() bool { return len(h.passkeys) > 0 || h.password != nil && h.totp != nil }

// enough reports whether a person with these can sign in under a rule.
func (h held) enough(r Rule) bool { return h.strong() || h.password != nil && r == PasswordEnough }

func (o *Office) held(ctx context.Context, tx *store.Tx, id ident.Staff) (h held, err error) {
	if h.password, err = o.password(ctx, tx, id); err != nil {
		return h, err
	}
	if h.totp, err = o.totp(ctx, tx, id); err != nil {
		return h, err
	}
	h.passkeys, err = o.passkeys(ctx, tx, id)
	return h, err
}

// Credentials returns what the person behind s can prove themselves with.
func (o *Office) Credentials(ctx context.Context, s Session) ([]Credential, error) {
	var all []Credential
	err := o.db.Read(ctx, func(tx *store.Tx) error {
		all = nil
		me, err := o.liveSession(ctx, tx, s.ID)
		if err != nil {
			return err
		}
		h, err := o.held(ctx, tx, me.Staff)
		if err != nil {
			return err
		}
		if h.password != nil {
			all = append(all, Credential{ID: h.password.id, Kind: ByPassword, Made: clock.FromMicros(h.password.changed)})
		}
		if h.totp != nil {
			all = append(all, Credential{ID: h.totp.id, Kind: ByTOTP, Made: clock.FromMicros(h.totp.created)})
		}
		for _, p := range h.passkeys {
			c := Credential{ID: p.id, Kind: ByPasskey, Label: p.label, Made: clock.FromMicros(p.created)}
			if p.used > 0 {
				c.Used = clock.FromMicros(p.used)
			}
			all = append(all, c)
		}
		return nil
	})
	return all, err
}

// SetPassword gives the person behind s a password or a new one. Like every
// change of a credential it needs a fresh session, ends the person's other
// sessions, is an entry, and is told at their next sign-in.
func (o *Office) SetPassword(ctx context.Context, s Session, src Source, password Secret) error {
	err := o.db.Read(ctx, func(tx *store.Tx) error {
		_, a, err := o.self(ctx, tx, s)
		if err != nil {
			return err
		}
		var c fault.Check
		checkPassword(&c, password, a.signIn)
		return c.Err()
	})
	if err != nil {
		return err
	}
	leave, err := o.hashes.enter(ctx, src)
	if err != nil {
		return err
	}
	hash := o.hashes.hash(password)
	leave()
	return o.changeOwn(ctx, s, journal.Grant, "staff.password", NoticePassword,
		func(tx *store.Tx, me Session, _ *Account) ([]journal.RowState, error) {
			row, err := o.savePassword(ctx, tx, me.Staff, hash, true)
			return []journal.RowState{row}, err
		})
}

// self returns the fresh session s as it stands, and its account.
func (o *Office) self(ctx context.Context, tx *store.Tx, s Session) (Session, *Account, error) {
	me, err := o.freshSession(ctx, tx, s.ID)
	if err != nil {
		return me, nil, err
	}
	a, err := o.account(ctx, tx, sqlSelectAccount, me.Staff)
	return me, a, err
}

// changeOwn runs a change of the person's own credentials with all that goes
// with it.
func (o *Office) changeOwn(ctx context.Context, s Session, action, what string, kind NoticeKind,
	change func(*store.Tx, Session, *Account) ([]journal.RowState, error),
) error {
	return o.db.Write(ctx, func(tx *store.Tx) error {
		me, a, err := o.self(ctx, tx, s)
		if err != nil {
			return err
		}
		rows, err := change(tx, me, a)
		if err != nil {
			return err
		}
		e, err := o.journal.Append(ctx, tx, me.By().entry(action, what, rows...))
		if err != nil {
			return err
		}
		if _, err := o.endSessions(ctx, tx, me.By(), me.Staff, me.ID, e); err != nil {
			return err
		}
		return o.notify(ctx, tx, me.Staff, e, kind, me.By())
	})
}

// BeginPasskey starts the making of a passkey for the person behind s.
func (o *Office) BeginPasskey(ctx context.Context, s Session, src Source) (Ceremony, error) {
	var c Ceremony
	err := o.db.Write(ctx, func(tx *store.Tx) error {
		me, a, err := o.self(ctx, tx, s)
		if err != nil {
			return err
		}
		c, err = o.beginPasskey(ctx, tx, a, me.ID[:], src)
		return err
	})
	return c, err
}

// AddPasskey finishes what [Office.BeginPasskey] began.
func (o *Office) AddPasskey(ctx context.Context, s Session, in NewPasskey) error {
	return o.changeOwn(ctx, s, journal.Grant, "staff.passkey", NoticePasskeyAdded,
		func(tx *store.Tx, me Session, a *Account) ([]journal.RowState, error) {
			return o.addPasskey(ctx, tx, a, me.ID[:], in)
		})
}

// BeginTOTP starts the setting up of an authenticator app for the person
// behind s. One set up before stays in use until [Office.SetTOTP].
func (o *Office) BeginTOTP(ctx context.Context, s Session, src Source) (Enrolment, error) {
	var e Enrolment
	err := o.db.Write(ctx, func(tx *store.Tx) error {
		me, a, err := o.self(ctx, tx, s)
		if err != nil {
			return err
		}
		e, err = o.beginTOTP(ctx, tx, a, me.ID[:], src)
		return err
	})
	return e, err
}

// SetTOTP finishes what [Office.BeginTOTP] began with the app's first code.
func (o *Office) SetTOTP(ctx context.Context, s Session, token, code Secret) error {
	return o.changeOwn(ctx, s, journal.Grant, "staff.totp", NoticeTOTPAdded,
		func(tx *store.Tx, me Session, _ *Account) ([]journal.RowState, error) {
			return o.addTOTP(ctx, tx, me.Staff, me.ID[:], token, code)
		})
}

// Remove takes away one credential of the person behind s, unless what is left
// would not be enough for their role.
func (o *Office) Remove(ctx context.Context, s Session, id ident.Credential) error {
	return o.changeOwn(ctx, s, journal.Revoke, "staff.credential", NoticeRemoved,
		func(tx *store.Tx, me Session, _ *Account) ([]journal.RowState, error) {
			h, err := o.held(ctx, tx, me.Staff)
			if err != nil {
				return nil, err
			}
			table := ""
			switch {
			case h.password != nil && h.password.id == id:
				h.password, table = nil, tablePassword
				_, err = tx.Exec(ctx, sqlDeletePassword, me.Staff)
			case h.totp != nil && h.totp.id == id:
				h.totp, table = nil, tableTOTP
				_, err = tx.Exec(ctx, sqlDeleteTOTP, me.Staff)
			default:
				for i := range h.passkeys {
					if h.passkeys[i].id == id {
						h.passkeys, table = append(h.passkeys[:i:i], h.passkeys[i+1:]...), tablePasskey
						_, err = tx.Exec(ctx, sqlDeletePasskey, id, me.Staff)
						break
					}
				}
			}
			switch {
			case err != nil:
				return nil, fmt.Errorf("remove credential: %w", err)
			case table == "":
				return nil, fault.New(fault.NotFound, "no-such-page")
			case !h.enough(o.cfg.Rules[me.Role]):
				return nil, fault.New(fault.Invalid, "last-credential")
			}
			return []journal.RowState{gone(table, id[:])}, nil
		})
}

// dropCredentials takes away everything a person can prove themselves with, and
// returns the rows for the entry.
func (o *Office) dropCredentials(ctx context.Context, tx *store.Tx, id ident.Staff) (rows []journal.RowState, err error) {
	h, err := o.held(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if h.password != nil {
		rows = append(rows, gone(tablePassword, h.password.id[:]))
	}
	if h.totp != nil {
		rows = append(rows, gone(tableTOTP, h.totp.id[:]))
	}
	for _, p := range h.passkeys {
		rows = append(rows, gone(tablePasskey, p.id[:]))
	}
	for _, query := range []string{sqlDeletePassword, sqlDeletePasskeys, sqlDeleteTOTP} {
		if _, err := tx.Exec(ctx, query, id); err != nil {
			return nil, fmt.Errorf("drop credentials: %w", err)
		}
	}
	return rows, nil
}
