package staff

import (
	"context"
	"fmt"
	"log/slog"
	"time"
	"unicode"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// The strengths of a sign-in, from weak to strong.
const (
	ByPassword = "password"
	ByTOTP     = "totp" // password and authenticator app
	ByPasskey  = "passkey"
)

// Session is one signed-in browser.
type Session struct {
	ID       ident.Session
	Staff    ident.Staff
	Role     Role
	Unit     ident.Unit
	Language string
	Strength string // how the person proved who they are
	Device   string // what the browser called itself, such as "Chrome on Android"
	Zone     string // loopback, inside, outside
	Since    time.Time
	Seen     time.Time // to the minute
	Fresh    time.Time // last time the person proved it is still them
	Strong   time.Time // last time they did so with more than a password; zero: never
	Locked   bool
	tokenKey [32]byte
	active   bool
}

var (
	errSessionEnded  = fault.New(fault.Expired, "session-ended")
	errSessionLocked = fault.New(fault.Expired, "session-locked")
)

const (
	tableSession = "staff_session"
	touchEvery   = time.Minute
	deviceLength = 80
	sessionsMost = 20 // of one person at a time
)

// Session returns the live session of a token. It is Expired with code
// "session-ended" when there is none, and with "session-locked" when the person
// locked it; a locked session is returned beside that error, so that the page
// can say whose it is, and must not be used for anything else.
//
// It reads one row, or none when it read the same within the last seconds, and
// writes at most once a minute.
func (o *Office) Session(ctx context.Context, token Secret) (Session, error) {
	hash := tokenHash(token)
	if hash == nil {
		return Session{}, errSessionEnded
	}
	key := [32]byte(hash)
	now := o.now()
	s, seen := o.sessions.get(key, now)
	if !seen {
		generation := o.sessions.generation()
		err := o.db.Read(ctx, func(tx *store.Tx) (err error) {
			s, err = o.scanSession(tx.QueryRow(ctx, sqlSelectSession, hash))
			return err
		})
		if fault.Is(err, fault.NotFound) {
			return Session{}, errSessionEnded
		}
		if err != nil {
			return Session{}, fmt.Errorf("read session: %w", err)
		}
		o.sessions.put(key, s, now, generation)
	}
	if !o.live(&s, now) {
		return Session{}, errSessionEnded
	}
	if s.Locked {
		return s, errSessionLocked
	}
	if now.Sub(s.Seen) >= touchEvery {
		o.touch(ctx, &s, now)
	}
	return s, nil
}

// live reports whether a session is within its limits and its account active.
// A clock that jumped back ends nothing by itself.
func (o *Office) live(s *Session, now time.Time) bool {
	return s.active && now.Sub(s.Seen) < o.cfg.Idle && now.Sub(s.Since) < o.cfg.Absolute
}

// touch notes that a session was used. When it cannot be noted the request goes
// on: the idle limit then ends the session early, never late.
func (o *Office) touch(ctx context.Context, s *Session, now time.Time) {
	generation := o.sessions.generation()
	var touched int64
	err := o.db.Write(ctx, func(tx *store.Tx) (err error) {
		touched, err = tx.Exec(ctx, sqlTouchSession, s.tokenKey[:], clock.Micros(now))
		return err
	})
	switch {
	case err != nil:
		o.log.WarnContext(ctx, "session use not noted", slog.String("outcome", fault.KindOf(err).String()))
	case touched == 1:
		s.Seen = now
		o.sessions.put(s.tokenKey, *s, now, generation)
	}
}

// Fresh reports whether the person behind s proved within d that it is them.
func (o *Office) Fresh(s Session, d time.Duration) bool {
	return !s.ID.IsZero() && !s.Locked && o.now().Sub(s.Fresh) < d
}

// Strong reports whether the person behind s proved within d, with more than a
// password, that it is them.
func (o *Office) Strong(s Session, d time.Duration) bool {
	return !s.ID.IsZero() && !s.Locked && !s.Strong.IsZero() && o.now().Sub(s.Strong) < d
}

// strong reports whether a strength is more than a password.
func strong(strength string) bool {
	return strength == ByTOTP || strength == ByPasskey || strength == BySSOStrong
}

func (s *Session) strongMicros() int64 {
	if s.Strong.IsZero() {
		return 0
	}
	return clock.Micros(s.Strong)
}

// Limits returns when a session ends unless it is used, and when it ends in any
// case.
func (o *Office) Limits(s Session) (idle, absolute time.Time) {
	return s.Seen.Add(o.cfg.Idle), s.Since.Add(o.cfg.Absolute)
}

// scanSession reads a session and its account, and checks that this program
// wrote both: an edited role would be a way to other people's cases.
func (o *Office) scanSession(row scanner) (Session, error) {
	var s Session
	var a Account
	var hash, mac []byte
	var since, seen, fresh, strongAt int64
	if err := row.Scan(&hash, &s.ID, &s.Strength, &s.Device, &s.Zone, &since, &seen, &fresh, &strongAt, &s.Locked, &mac,
		&a.ID, &a.key, &a.Unit, (*string)(&a.Role), &a.Language, &a.Supervisor, (*string)(&a.State),
		&a.Version, &a.created, &a.activated, &a.mac); err != nil {
		return Session{}, err
	}
	if len(hash) != len(s.tokenKey) || !equal(a.mac, o.macAccount(&a)) {
		return Session{}, errAltered
	}
	s.tokenKey = [32]byte(hash)
	s.Staff, s.Role, s.Unit, s.Language, s.active = a.ID, a.Role, a.Unit, a.Language, a.State == Active
	s.Since, s.Seen, s.Fresh = clock.FromMicros(since), clock.FromMicros(seen), clock.FromMicros(fresh)
	if strongAt != 0 {
		s.Strong = clock.FromMicros(strongAt)
	}
	if !equal(mac, o.macSession(&s)) {
		return Session{}, errAltered
	}
	return s, nil
}

func (o *Office) macSession(s *Session) []byte {
	locked := []byte{0}
	if s.Locked {
		locked[0] = 1
	}
	return o.rowMAC(tableSession, s.ID[:], clock.Micros(s.Fresh), s.tokenKey[:], s.Staff[:],
		[]byte(s.Strength), []byte(s.Zone), number(clock.Micros(s.Since)), number(s.strongMicros()), locked)
}

// liveSession reads a session inside a transaction and refuses one that has
// ended or is locked.
func (o *Office) liveSession(ctx context.Context, tx *store.Tx, id ident.Session) (Session, error) {
	s, err := o.scanSession(tx.QueryRow(ctx, sqlSelectSessionByID, id))
	switch {
	case fault.Is(err, fault.NotFound):
		return Session{}, errSessionEnded
	case err != nil:
		return Session{}, fmt.Errorf("read session: %w", err)
	case !o.live(&s, tx.Now()):
		return Session{}, errSessionEnded
	case s.Locked:
		return Session{}, errSessionLocked
	}
	return s, nil
}

// freshSession is liveSession for what needs a fresh proof.
func (o *Office) freshSession(ctx context.Context, tx *store.Tx, id ident.Session) (Session, error) {
	s, err := o.liveSession(ctx, tx, id)
	if err == nil && tx.Now().Sub(s.Fresh) >= o.cfg.Fresh {
		return Session{}, errNotFresh
	}
	return s, err
}

// openSession makes the session of somebody who has just proven who they are.
// rows are what the proof changed, for the entry.
func (o *Office) openSession(ctx context.Context, tx *store.Tx, a *Account, strength, device string, src Source, rows ...journal.RowState) (Secret, Session, error) {
	if err := o.makeRoom(ctx, tx, a.ID); err != nil {
		return "", Session{}, err
	}
	token, hash := newToken()
	now := tx.Now()
	s := Session{
		ID: ident.New[ident.Session](), Staff: a.ID, Role: a.Role, Unit: a.Unit, Language: a.Language,
		Strength: strength, Device: deviceName(device), Zone: src.zone, Since: now, Seen: now, Fresh: now,
		tokenKey: [32]byte(hash), active: true,
	}
	if strong(strength) {
		s.Strong = now
	}
	if _, err := tx.Exec(ctx, sqlInsertSession, hash, s.ID, s.Staff, s.Strength, s.Device, s.Zone,
		clock.Micros(now), clock.Micros(now), clock.Micros(now), s.strongMicros(), false, o.macSession(&s)); err != nil {
		return "", Session{}, fmt.Errorf("open session: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlMarkSignedIn, a.ID, clock.Micros(now)); err != nil {
		return "", Session{}, fmt.Errorf("open session: %w", err)
	}
	if _, err := o.journal.Append(ctx, tx, s.By().entry(journal.Login, "staff.sign-in", rows...)); err != nil {
		return "", Session{}, err
	}
	return token, s, nil
}

// makeRoom ends the oldest sessions of somebody who has as many as they may.
func (o *Office) makeRoom(ctx context.Context, tx *store.Tx, id ident.Staff) error {
	all, err := o.sessionsOf(ctx, tx, id)
	if err != nil {
		return err
	}
	for i := sessionsMost - 1; i < len(all); i++ {
		if err := o.endSession(ctx, tx, all[i]); err != nil {
			return err
		}
	}
	return nil
}

// deviceName keeps what can be shown of a browser's own description.
func deviceName(s string) string {
	clean := make([]rune, 0, deviceLength)
	for _, r := range s {
		if len(clean) == deviceLength {
			break
		}
		if unicode.IsPrint(r) && r != unicode.ReplacementChar {
			clean = append(clean, r)
		}
	}
	return string(clean)
}
