// Package staff knows the people with an account: who they are, how they prove
// it, and which browsers they are signed in on.
//
// It must never decide what a person may do with a case (package access does),
// never tell apart from outside an unknown name and a wrong password, never
// shut one person out because somebody else guesses at their password, and
// never hold a password, token or code that it could give back.
//
// Start at [Office]; [Office.SignIn] and [Office.Session] are the way of every
// day, [Office.Create], [Office.Invite] and [Office.Accept] the way in.
//
// # Who calls what
//
// What a person does to their own account ([Office.SetPassword],
// [Office.AddPasskey] and so on) takes their session and opens its own
// transaction. What is done to another person's account takes a transaction and
// a [By], because whether it is allowed, and whether it needs a fresh check, was
// decided in that transaction by package access. Both write their journal entry
// beside the change.
package staff

import (
	"cmp"
	"context"
	"log/slog"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Role is the code of what a person's post is. What a role may do is in the
// policies of package access.
type Role string

// The roles.
const (
	CaseWorker     Role = "case_worker"
	FirstResponder Role = "first_responder" // police, border, labour inspection, health, school, hotline: makes checks
	Supervisor     Role = "supervisor"
	Guardian       Role = "guardian"
	Lawyer         Role = "lawyer"   // of the child
	Provider       Role = "provider" // shelter, health, school, legal aid
	Interpreter    Role = "interpreter"
	Investigator   Role = "investigator"
	Prosecutor     Role = "prosecutor"
	Judge          Role = "judge" // or another competent authority
	FocalPoint     Role = "focal_point"
	Coordinator    Role = "coordinator" // sees flows and delays, never a child
	Rapporteur     Role = "rapporteur"
	Ombudsperson   Role = "ombudsperson"
	Auditor        Role = "auditor"
	NodeOperator   Role = "node_operator" // cannot open a case
)

// Roles returns every role, in the order in which pages offer them.
func Roles() []Role {
	return []Role{
		CaseWorker, FirstResponder, Supervisor, Guardian, Lawyer, Provider, Interpreter, Investigator, Prosecutor, Judge,
		FocalPoint, Coordinator, Rapporteur, Ombudsperson, Auditor, NodeOperator,
	}
}

// Rule says whether a role needs more than a password. A passkey, which checks
// a finger, face or PIN by itself, is always enough alone.
type Rule string

// The rules.
const (
	PasswordEnough Rule = "password"      // a second factor is offered, not asked for
	SecondFactor   Rule = "second-factor" // a passkey, or a password with an authenticator app
)

// DefaultRules returns the rules a node starts with: whoever oversees others, sees
// across agencies, runs the node or reads the journal needs a second factor.
func DefaultRules() map[Role]Rule {
	rules := map[Role]Rule{}
	for _, r := range Roles() {
		rules[r] = PasswordEnough
	}
	for _, r := range []Role{Supervisor, FocalPoint, Coordinator, Rapporteur, Ombudsperson, Auditor, NodeOperator} {
		rules[r] = SecondFactor
	}
	return rules
}

// Config says how people sign in. What decides about safety has no default:
// New refuses a configuration without it.
type Config struct {
	Origin    string        // the address people open, such as "https://node.example"
	Name      string        // the node's name on the sign-in screen of a passkey
	Languages []string      // language codes an account may have
	Spoken    []string      // codes of the languages somebody can speak
	Conduct   string        // version of the code of conduct in force, "" where nobody has to sign one
	Sectors   []string      // codes of the sectors an agency may have; OwnSector is one
	Rules     map[Role]Rule // names every role
	Idle      time.Duration // a session ends after this long without a request; 0 means 30 minutes
	Absolute  time.Duration // a session ends after this long; 0 means 12 hours
	Fresh     time.Duration // a proof of who somebody is counts as fresh for this long; 0 means 5 minutes
	Invited   time.Duration // an invitation can be used for this long; 0 means 24 hours
	Tries     int           // wrong sign-ins of a name from one source before it must wait; 0 means 5
	LongWait  time.Duration // the longest such wait; 0 means 15 minutes
	Cost      Cost          // price of a password hash; zero means 64 MiB, 3 passes
	Waiting   int           // how many sign-ins may wait for a hash; 0 means 16
}

// Seals seals small values that belong to no child, under the node's key of the
// time; package keys implements it.
type Seals interface {
	SealNode(label string, row []byte, version int64, v any) ([]byte, error)
	OpenNode(label string, row []byte, version int64, blob []byte, v any) error
}

// Root gives keys derived from the node's root secret; package keys implements it.
type Root interface {
	Derive(label string) [32]byte
}

// Journal takes the entries; package journal implements it.
type Journal interface {
	Append(ctx context.Context, tx *store.Tx, e journal.Entry) (ident.Entry, error)
}

// Deps is what an office stands on.
type Deps struct {
	DB      *store.DB
	Seals   Seals
	Root    Root
	Journal Journal
	Log     *slog.Logger // nil keeps no log
}

// Office keeps the accounts of one node. It is safe for concurrent use.
type Office struct {
	cfg     Config
	db      *store.DB
	seals   Seals
	journal Journal
	log     *slog.Logger
	web     *webauthn.WebAuthn // nil where passkeys cannot work
	hashes  *hasher

	nameKey, sourceKey, voiceKey, rowKey, subjectKey [32]byte

	sessions sessionCache
	people   directoryCache

	validMail func(string) bool // nil: no word is sent by e-mail

	endMu sync.Mutex // guards onEnd
	onEnd []func(ident.Session)
}

const (
	defaultIdle     = 30 * time.Minute
	defaultAbsolute = 12 * time.Hour
	defaultFresh    = 5 * time.Minute
	defaultInvited  = 24 * time.Hour
	defaultTries    = 5
	defaultLongWait = 15 * time.Minute
)

// New prepares an office. It refuses, with kind Invalid and the field's name, a
// configuration that leaves a question of safety open.
func New(cfg Config, d Deps) (*Office, error) {
	origin, err := url.Parse(cfg.Origin)
	var c fault.Check
	c.Require(err == nil && origin.Host != "" && origin.Path == "" &&
		(origin.Scheme == "https" || origin.Scheme == "http" && loopback(origin.Hostname())), "origin", "origin")
	c.Require(cfg.Name != "", "name", "required")
	c.Require(len(cfg.Languages) > 0, "languages", "required")
	c.Require(slices.Contains(cfg.Sectors, OwnSector), "sectors", "required")
	for _, r := range Roles() {
		c.Require(cfg.Rules[r] == PasswordEnough || cfg.Rules[r] == SecondFactor, "rules", "required")
	}
	c.Require(cfg.Idle >= 0 && cfg.Absolute >= 0 && cfg.Fresh >= 0 && cfg.Invited >= 0 && cfg.Tries >= 0 && cfg.LongWait >= 0,
		"limits", "negative")
	if cfg.Cost == (Cost{}) {
		cfg.Cost = defaultCost
	}
	c.Require(cfg.Cost.enough(), "cost", "too-cheap")
	if err := c.Err(); err != nil {
		return nil, err
	}
	cfg.Idle = cmp.Or(cfg.Idle, defaultIdle)
	cfg.Absolute = cmp.Or(cfg.Absolute, defaultAbsolute)
	cfg.Fresh = cmp.Or(cfg.Fresh, defaultFresh)
	cfg.Invited = cmp.Or(cfg.Invited, defaultInvited)
	cfg.Tries = cmp.Or(cfg.Tries, defaultTries)
	cfg.LongWait = cmp.Or(cfg.LongWait, defaultLongWait)
	cfg.Waiting = cmp.Or(max(cfg.Waiting, 0), defaultWaiting)
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	var web *webauthn.WebAuthn
	if _, err := netip.ParseAddr(origin.Hostname()); err != nil { // a passkey belongs to a name, never to a number
		if web, err = webauthn.New(relyingParty(cfg, origin.Hostname())); err != nil {
			return nil, fault.Wrap(fault.Invalid, "origin", err)
		}
	}
	return &Office{
		cfg: cfg, db: d.DB, seals: d.Seals, journal: d.Journal, log: d.Log, web: web,
		hashes:    newHasher(cfg.Cost, cfg.Waiting),
		nameKey:   d.Root.Derive("staff sign-in name"),
		sourceKey: d.Root.Derive("staff source"),
		voiceKey:  d.Root.Derive("staff voice code"),
		rowKey:    d.Root.Derive("staff row"),

		subjectKey: d.Root.Derive("staff subject"),
	}, nil
}

// relyingParty asks for passkeys that know their owner and check finger, face or
// PIN, and for no attestation: which make of key somebody has is not our business.
func relyingParty(cfg Config, host string) *webauthn.Config {
	return &webauthn.Config{
		RPID: host, RPDisplayName: cfg.Name, RPOrigins: []string{cfg.Origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey:        protocol.ResidentKeyRequirementRequired,
			RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification:   protocol.VerificationRequired,
		},
	}
}

// Passkeys reports whether passkeys work on this node's address: not on a bare
// number such as 127.0.0.1.
func (o *Office) Passkeys() bool { return o.web != nil }

func loopback(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "127.0.0.1" || host == "::1"
}

// now is the time outside a transaction; inside one it is tx.Now.
func (o *Office) now() time.Time { return o.db.Clock().Now() }

// OnEnd registers fn to be told of every session that ends in this process by
// sign-out, by ending or by a change of its account, after it has ended. A
// session ended by another instance or by a limit is refused at its next
// request instead.
func (o *Office) OnEnd(fn func(ident.Session)) {
	o.endMu.Lock()
	defer o.endMu.Unlock()
	o.onEnd = append(o.onEnd, fn)
}
