package staff

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/sealed"
	"causeway/internal/store"

	"golang.org/x/text/unicode/norm"
)

// State is where an account stands.
type State string

// The states.
const (
	Invited  State = "invited"  // has no credential: needs an invitation
	Active   State = "active"   // can sign in
	Disabled State = "disabled" // cannot, and has no credential any more
)

// Account is one person with an account.
type Account struct {
	ID         ident.Staff
	SignIn     sealed.Text // the name to sign in with
	Name       sealed.Text // the name shown to colleagues
	Unit       ident.Unit
	Role       Role
	Language   string
	State      State
	Supervisor ident.Staff
	Version    int64
	SignedInAt time.Time // zero: never

	key       []byte
	created   int64
	activated int64 // first time a credential was made, 0 never
	signedIn  int64
	signIn    string
	mac       []byte
}

// names is what the sealed blob of an account holds.
type names struct {
	SignIn string      `cbor:"1,keyasint"`
	Name   sealed.Text `cbor:"2,keyasint"`
}

const tableAccount = "staff_account"

// NewAccount is what an account is made from.
type NewAccount struct {
	SignIn     Secret // 3 to 40 letters, digits, dots, dashes; not an e-mail address
	Name       Secret
	Unit       ident.Unit
	Role       Role
	Language   string
	Supervisor ident.Staff // none only for who is at the top
}

// Create makes an account that nobody can sign in to yet: [Office.Invite] comes
// next.
func (o *Office) Create(ctx context.Context, tx *store.Tx, by By, in NewAccount) (ident.Staff, error) {
	none := ident.Staff{}
	if err := o.check(ctx, tx, by); err != nil {
		return none, err
	}
	a := &Account{
		ID: ident.New[ident.Staff](), Unit: in.Unit, Role: in.Role, Language: in.Language,
		State: Invited, Supervisor: in.Supervisor, Version: 1, created: clock.Micros(tx.Now()),
	}
	a.signIn = fold(strings.TrimSpace(string(in.SignIn)))
	a.SignIn = sealed.NewText(a.signIn)
	a.key = o.nameDigest(a.signIn)
	name := norm.NFC.String(strings.TrimSpace(string(in.Name)))
	a.Name = sealed.NewText(name)

	var c fault.Check
	c.Require(signInName(a.signIn), "account", "sign-in-name")
	checkName(&c, name)
	if err := o.checkPost(ctx, tx, &c, a); err != nil {
		return none, err
	}
	if err := o.checkSupervisor(ctx, tx, &c, a); err != nil {
		return none, err
	}
	switch _, err := o.account(ctx, tx, sqlSelectAccountByName, a.key); {
	case err == nil:
		c.Reject("account", "taken")
	case !fault.Is(err, fault.NotFound):
		return none, err
	}
	if err := c.Err(); err != nil {
		return none, err
	}
	blob, err := o.sealAccount(a)
	if err != nil {
		return none, err
	}
	if _, err := tx.Exec(ctx, sqlInsertAccount, a.ID, a.key, a.Unit, string(a.Role), a.Language, a.Supervisor,
		string(a.State), a.Version, a.created, a.activated, blob, a.mac); err != nil {
		return none, err
	}
	_, err = o.journal.Append(ctx, tx, by.entry(journal.Create, "staff.account", a.row()))
	if err != nil {
		return none, err
	}
	return a.ID, o.changed(ctx, tx)
}

// Change is what may change about an account; nil leaves a field as it is.
type Change struct {
	Name       *Secret
	Unit       *ident.Unit
	Role       *Role
	Language   *string
	Supervisor *ident.Staff
}

// Change alters another person's account. A new role ends their sessions and
// open invitations, and needs the second factor that the role asks for to be
// there already. The person is told of a new role or supervisor.
func (o *Office) Change(ctx context.Context, tx *store.Tx, by By, id ident.Staff, version int64, ch Change) error {
	a, err := o.begin(ctx, tx, by, id, version)
	if err != nil {
		return err
	}
	var c fault.Check
	var whats []string
	if ch.Name != nil {
		name := norm.NFC.String(strings.TrimSpace(string(*ch.Name)))
		checkName(&c, name)
		a.Name = sealed.NewText(name)
		whats = append(whats, "staff.name")
	}
	if set(&a.Language, ch.Language) {
		whats = append(whats, "staff.language")
	}
	if set(&a.Unit, ch.Unit) {
		whats = append(whats, "staff.unit")
	}
	newBoss := set(&a.Supervisor, ch.Supervisor)
	newRole := set(&a.Role, ch.Role)
	if err := o.checkPost(ctx, tx, &c, a); err != nil {
		return err
	}
	if newBoss {
		whats = append(whats, "staff.supervisor")
		if err := o.checkSupervisor(ctx, tx, &c, a); err != nil {
			return err
		}
	}
	if newRole && a.State == Active {
		held, err := o.held(ctx, tx, id)
		if err != nil {
			return err
		}
		c.Require(o.cfg.Rules[a.Role] == PasswordEnough || held.strong(), "role", "second-factor-first")
	}
	if err := c.Err(); err != nil {
		return err
	}
	if newRole {
		whats = append(whats, "staff.role")
	}
	if len(whats) == 0 {
		return nil
	}
	return o.finishChange(ctx, tx, by, a, whats)
}

// set puts *v into *field and reports whether that changed it.
func set[T comparable](field *T, v *T) bool {
	if v == nil || *v == *field {
		return false
	}
	*field = *v
	return true
}

// finishChange writes the account, one entry per change, and what follows.
func (o *Office) finishChange(ctx context.Context, tx *store.Tx, by By, a *Account, whats []string) error {
	if err := o.saveAccount(ctx, tx, a); err != nil {
		return err
	}
	for _, what := range whats {
		action := journal.Update
		if what == "staff.role" || what == "staff.supervisor" {
			action = journal.Grant
		}
		e, err := o.journal.Append(ctx, tx, by.entry(action, what, a.row()))
		if err != nil {
			return err
		}
		switch what {
		case "staff.role":
			if err := o.endAccess(ctx, tx, by, a.ID, e); err != nil {
				return err
			}
			err = o.notify(ctx, tx, a.ID, e, NoticeRole, by)
		case "staff.supervisor":
			err = o.notify(ctx, tx, a.ID, e, NoticeSupervisor, by)
		}
		if err != nil {
			return err
		}
	}
	tx.OnCommit(o.sessions.clear) // role, unit and language are in the cached session
	return o.changed(ctx, tx)
}

// Disable shuts an account at once: sessions, invitations and credentials end. What the
// person leaves behind goes to their supervisor; [Office.Leave] names somebody.
func (o *Office) Disable(ctx context.Context, tx *store.Tx, by By, id ident.Staff, version int64) error {
	return o.Leave(ctx, tx, by, id, version, ident.Staff{})
}

// Enable opens a disabled account again. It then waits for an invitation, which
// only the person's supervisor can give.
func (o *Office) Enable(ctx context.Context, tx *store.Tx, by By, id ident.Staff, version int64) error {
	a, err := o.begin(ctx, tx, by, id, version)
	if err != nil {
		return err
	}
	if a.State != Disabled {
		return nil
	}
	a.State = Invited
	if err := o.saveAccount(ctx, tx, a); err != nil {
		return err
	}
	rows := []journal.RowState{a.row()}
	switch n, err := tx.Exec(ctx, sqlDeleteHeir, id); {
	case err != nil:
		return fmt.Errorf("forget heir: %w", err)
	case n > 0:
		rows = append(rows, gone(tableHeir, id[:]))
	}
	if _, err := o.journal.Append(ctx, tx, by.entry(journal.Grant, "staff.account", rows...)); err != nil {
		return err
	}
	return o.changed(ctx, tx)
}

// begin checks the actor and returns somebody else's account at the version they
// saw; nobody grants or takes rights of their own.
func (o *Office) begin(ctx context.Context, tx *store.Tx, by By, id ident.Staff, version int64) (*Account, error) {
	if err := o.check(ctx, tx, by); err != nil {
		return nil, err
	}
	if id == by.staff {
		return nil, fault.New(fault.Denied, "own-account")
	}
	a, err := o.account(ctx, tx, sqlSelectAccount, id)
	if err != nil {
		return nil, err
	}
	if a.Version != version {
		return nil, fault.New(fault.Conflict, "changed-meanwhile")
	}
	return a, nil
}

// Account returns one account as it stands in tx.
func (o *Office) Account(ctx context.Context, tx *store.Tx, id ident.Staff) (Account, error) {
	a, err := o.account(ctx, tx, sqlSelectAccount, id)
	if err != nil {
		return Account{}, err
	}
	return *a, nil
}

// Find returns the account with a sign-in name; it is for the server's shell.
func (o *Office) Find(ctx context.Context, tx *store.Tx, signIn Secret) (Account, error) {
	a, err := o.account(ctx, tx, sqlSelectAccountByName, o.nameDigest(fold(strings.TrimSpace(string(signIn)))))
	if err != nil {
		return Account{}, err
	}
	return *a, nil
}

func (o *Office) nameDigest(signIn string) []byte { return digest(&o.nameKey, []byte(signIn)) }

// checkPost checks what an account's post needs: a known role and language and
// an existing unit.
func (o *Office) checkPost(ctx context.Context, tx *store.Tx, c *fault.Check, a *Account) error {
	_, known := o.cfg.Rules[a.Role]
	c.Require(known, "role", "unknown")
	c.Require(slices.Contains(o.cfg.Languages, a.Language), "language", "unknown")
	switch _, err := o.scanUnit(tx.QueryRow(ctx, sqlSelectUnit, a.Unit)); {
	case fault.Is(err, fault.NotFound):
		c.Reject("unit", "unknown")
	case err != nil:
		return err
	}
	return nil
}

// checkSupervisor checks that the supervisor, where there is one, can be one.
func (o *Office) checkSupervisor(ctx context.Context, tx *store.Tx, c *fault.Check, a *Account) error {
	if a.Supervisor.IsZero() {
		return nil
	}
	switch boss, err := o.account(ctx, tx, sqlSelectAccount, a.Supervisor); {
	case fault.Is(err, fault.NotFound):
		c.Reject("supervisor", "unknown")
	case err != nil:
		return err
	default:
		c.Require(boss.ID != a.ID && boss.Role == Supervisor && boss.State != Disabled, "supervisor", "not-a-supervisor")
	}
	return nil
}

// signInName reports whether s, folded, may be a name to sign in with. An
// e-mail address may not: it says too much, and belongs to somebody else.
func signInName(s string) bool {
	n := 0
	for i, r := range s {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r) && i > 0:
		case (r == '.' || r == '-' || r == '_') && i > 0:
		default:
			return false
		}
		n++
	}
	return n >= 3 && n <= 40
}

// checkName refuses a shown name that is empty, too long or plays tricks with
// invisible characters.
func checkName(c *fault.Check, name string) {
	n := utf8.RuneCountInString(name)
	switch {
	case n == 0:
		c.Reject("staff_name", "required")
	case n > 100:
		c.Reject("staff_name", "too-long")
	case !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		c.Reject("staff_name", "text")
	}
}
