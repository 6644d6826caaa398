package staff

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/sealed"
	"causeway/internal/store"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Ceremony is the browser's half of a passkey ceremony: the options for
// navigator.credentials, as JSON, and the token to send back with the answer.
type Ceremony struct {
	Token   Secret
	Options []byte
}

const (
	tablePasskey   = "staff_passkey"
	passkeyMost    = 64 << 10 // bytes of an answer
	passkeysMost   = 10       // of one person
	passkeyHandles = 1023     // longest credential id (WebAuthn level 3, section 7.1)
)

var (
	errNoPasskeys = fault.New(fault.Unavailable, "no-passkeys-here")
	errRefused    = fault.New(fault.Denied, "sign-in-refused")
)

// passkeyRecord is what the sealed blob of a passkey holds.
type passkeyRecord struct {
	Staff  ident.Staff `cbor:"1,keyasint"`
	Record []byte      `cbor:"2,keyasint"` // the credential record, JSON
	Label  sealed.Text `cbor:"3,keyasint"`
}

// passkey is one passkey in use.
type passkey struct {
	id      ident.Credential
	staff   ident.Staff
	version int64
	created int64
	used    int64
	label   sealed.Text
	record  webauthn.Credential
}

// owner is a person as the passkey library wants to see one. Authenticators
// show the sign-in name; the display name never leaves the node this way.
type owner struct {
	account *Account
	keys    []passkey
}

func (w *owner) WebAuthnID() []byte          { return w.account.ID[:] }
func (w *owner) WebAuthnName() string        { return w.account.signIn }
func (w *owner) WebAuthnDisplayName() string { return w.account.signIn }
func (w *owner) WebAuthnCredentials() []webauthn.Credential {
	all := make([]webauthn.Credential, len(w.keys))
	for i := range w.keys {
		all[i] = w.keys[i].record
	}
	return all
}

// beginPasskey starts the making of a passkey.
func (o *Office) beginPasskey(ctx context.Context, tx *store.Tx, a *Account, holder []byte, src Source) (Ceremony, error) {
	if o.web == nil {
		return Ceremony{}, errNoPasskeys
	}
	keys, err := o.passkeys(ctx, tx, a.ID)
	if err != nil {
		return Ceremony{}, err
	}
	var known []protocol.CredentialDescriptor
	for i := range keys {
		known = append(known, keys[i].record.Descriptor())
	}
	options, session, err := o.web.BeginRegistration(&owner{a, keys}, webauthn.WithExclusions(known))
	if err != nil {
		return Ceremony{}, fmt.Errorf("begin passkey: %w", err)
	}
	return o.ceremony(ctx, tx, challenge{Kind: kindNewPasskey, Staff: a.ID, Holder: holder}, session, options, src)
}

// ceremony keeps the server's half of a passkey ceremony and returns the other.
func (o *Office) ceremony(ctx context.Context, tx *store.Tx, c challenge, session *webauthn.SessionData, options any, src Source) (Ceremony, error) {
	data, err := json.Marshal(session)
	if err != nil {
		return Ceremony{}, fmt.Errorf("encode ceremony: %w", err)
	}
	shown, err := json.Marshal(options)
	if err != nil {
		return Ceremony{}, fmt.Errorf("encode options: %w", err)
	}
	c.Data = data
	token, err := o.openChallenge(ctx, tx, c, src, challengeFor)
	return Ceremony{Token: token, Options: shown}, err
}

// sessionOf returns the library's half of a stored ceremony.
func sessionOf(c *challenge) (webauthn.SessionData, error) {
	var s webauthn.SessionData
	if err := json.Unmarshal(c.Data, &s); err != nil {
		return s, fmt.Errorf("decode ceremony: %w", err)
	}
	return s, nil
}

// NewPasskey is the browser's answer when a passkey was made.
type NewPasskey struct {
	Token    Secret // of the [Ceremony]
	Response []byte // JSON
	Label    Secret // what the person calls it, such as "my phone"
}

// addPasskey finishes the making of a passkey.
func (o *Office) addPasskey(ctx context.Context, tx *store.Tx, a *Account, holder []byte, in NewPasskey) ([]journal.RowState, error) {
	label, err := passkeyLabel(in.Label)
	if err != nil {
		return nil, err
	}
	c, err := o.take(ctx, tx, kindNewPasskey, in.Token)
	if err != nil {
		return nil, err
	}
	if c.Staff != a.ID || !equal(c.Holder, holder) || o.web == nil {
		return nil, errCeremony
	}
	session, err := sessionOf(c)
	if err != nil {
		return nil, err
	}
	keys, err := o.passkeys(ctx, tx, a.ID)
	if err != nil {
		return nil, err
	}
	if len(keys) >= passkeysMost {
		return nil, fault.New(fault.Invalid, "too-many-passkeys")
	}
	if len(in.Response) > passkeyMost {
		return nil, fault.InvalidField("passkey", "too-long")
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(in.Response)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "passkey-refused", err)
	}
	made, err := o.web.CreateCredential(&owner{a, keys}, session, parsed)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "passkey-refused", err)
	}
	if len(made.ID) > passkeyHandles {
		return nil, fault.New(fault.Invalid, "passkey-refused")
	}
	return o.insertPasskey(ctx, tx, a.ID, *made, label)
}

func passkeyLabel(s Secret) (sealed.Text, error) {
	text := strings.TrimSpace(string(s))
	switch {
	case utf8.RuneCountInString(text) > 60:
		return sealed.Text{}, fault.InvalidField("label", "too-long")
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }):
		return sealed.Text{}, fault.InvalidField("label", "text")
	}
	return sealed.NewText(text), nil
}

func (o *Office) insertPasskey(ctx context.Context, tx *store.Tx, id ident.Staff, made webauthn.Credential, label sealed.Text) ([]journal.RowState, error) {
	handle := hashToken(made.ID)
	var taken passkeyRow
	switch err := taken.scan(tx.QueryRow(ctx, sqlSelectPasskeyByHandle, handle)); {
	case err == nil:
		return nil, fault.New(fault.Invalid, "passkey-refused")
	case !fault.Is(err, fault.NotFound):
		return nil, fmt.Errorf("look for passkey: %w", err)
	}
	p := passkey{id: ident.New[ident.Credential](), staff: id, version: 1, label: label, record: made}
	blob, err := o.sealPasskey(&p)
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, sqlInsertPasskey, p.id, id, handle, p.version, clock.Micros(tx.Now()), int64(0), blob); err != nil {
		return nil, fmt.Errorf("save passkey: %w", err)
	}
	return []journal.RowState{o.credentialRow(tablePasskey, p.id, 1, id)}, nil
}

func (o *Office) sealPasskey(p *passkey) ([]byte, error) {
	record, err := json.Marshal(p.record)
	if err != nil {
		return nil, fmt.Errorf("encode passkey: %w", err)
	}
	blob, err := o.seals.SealNode(tablePasskey, p.id[:], p.version, passkeyRecord{p.staff, record, p.label})
	if err != nil {
		return nil, fmt.Errorf("seal passkey: %w", err)
	}
	return blob, nil
}

// passkeyRow is a row of the table as read, still sealed: rows are opened after
// the query is closed.
type passkeyRow struct {
	id                     ident.Credential
	staff                  ident.Staff
	version, created, used int64
	blob                   []byte
}

func (r *passkeyRow) scan(row scanner) error {
	return row.Scan(&r.id, &r.staff, &r.version, &r.created, &r.used, &r.blob)
}

func (o *Office) openPasskey(r *passkeyRow) (passkey, error) {
	p := passkey{id: r.id, staff: r.staff, version: r.version, created: r.created, used: r.used}
	var rec passkeyRecord
	if err := o.seals.OpenNode(tablePasskey, r.id[:], r.version, r.blob, &rec); err != nil {
		return p, fmt.Errorf("open passkey: %w", err)
	}
	if rec.Staff != r.staff {
		return p, errAltered
	}
	p.label = rec.Label
	if err := json.Unmarshal(rec.Record, &p.record); err != nil {
		return p, fmt.Errorf("decode passkey: %w", err)
	}
	return p, nil
}

// passkeys returns a person's passkeys, oldest first.
func (o *Office) passkeys(ctx context.Context, tx *store.Tx, id ident.Staff) ([]passkey, error) {
	rows, err := tx.Query(ctx, sqlSelectPasskeys, id)
	all, err := collect(rows, err, func(row scanner) (passkey, error) {
		var r passkeyRow
		if err := r.scan(row); err != nil {
			return passkey{}, err
		}
		return o.openPasskey(&r)
	})
	if err != nil {
		return nil, fmt.Errorf("read passkeys: %w", err)
	}
	return all, nil
}

// assert checks a browser's answer to a challenge and returns whose it is. For
// a challenge without a person the answer names them. The counter of the
// passkey must rise, or somebody may have copied it (WebAuthn section 7.2).
func (o *Office) assert(ctx context.Context, tx *store.Tx, c *challenge, response []byte) (*Account, journal.RowState, error) {
	none := journal.RowState{}
	if o.web == nil || len(response) > passkeyMost {
		return nil, none, errRefused
	}
	session, err := sessionOf(c)
	if err != nil {
		return nil, none, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return nil, none, errRefused
	}
	var who *owner
	var broken error // a fault of ours, not of the answer
	find := func(_, handle []byte) (webauthn.User, error) {
		if len(handle) != len(ident.Staff{}) {
			return nil, errRefused
		}
		who, broken = o.ownerOf(ctx, tx, ident.Staff(handle))
		if broken != nil {
			return nil, broken
		}
		return who, nil
	}
	var record *webauthn.Credential
	if c.Staff.IsZero() {
		record, err = o.web.ValidateDiscoverableLogin(find, session, parsed)
	} else if _, err = find(nil, c.Staff[:]); err == nil {
		record, err = o.web.ValidateLogin(who, session, parsed)
	}
	switch {
	case broken != nil && !errors.Is(broken, errRefused):
		return nil, none, broken
	case err != nil:
		return accountOf(who), none, errRefused
	case record.Authenticator.CloneWarning || !parsed.Response.AuthenticatorData.Flags.HasUserVerified():
		return who.account, none, errRefused
	}
	row, err := o.usedPasskey(ctx, tx, who, record)
	return who.account, row, err
}

func accountOf(w *owner) *Account {
	if w == nil {
		return nil
	}
	return w.account
}

// ownerOf returns a person who can sign in, with their passkeys.
func (o *Office) ownerOf(ctx context.Context, tx *store.Tx, id ident.Staff) (*owner, error) {
	a, err := o.account(ctx, tx, sqlSelectAccount, id)
	switch {
	case fault.Is(err, fault.NotFound):
		return nil, errRefused
	case err != nil:
		return nil, err
	case a.State != Active:
		return nil, errRefused
	}
	keys, err := o.passkeys(ctx, tx, id)
	return &owner{a, keys}, err
}

// usedPasskey keeps the new counter of a passkey and returns its row.
func (o *Office) usedPasskey(ctx context.Context, tx *store.Tx, who *owner, record *webauthn.Credential) (journal.RowState, error) {
	none := journal.RowState{}
	for i := range who.keys {
		p := &who.keys[i]
		if string(p.record.ID) != string(record.ID) {
			continue
		}
		p.record, p.version = *record, p.version+1
		blob, err := o.sealPasskey(p)
		if err != nil {
			return none, err
		}
		n, err := tx.Exec(ctx, sqlUpdatePasskey, p.id, p.version-1, p.version, clock.Micros(tx.Now()), blob)
		if err != nil {
			return none, fmt.Errorf("save passkey: %w", err)
		}
		if n != 1 { // the same passkey is being used twice at this moment
			return none, errRefused
		}
		return o.credentialRow(tablePasskey, p.id, p.version, p.staff), nil
	}
	return none, errRefused // cannot happen: the record is one of these
}
