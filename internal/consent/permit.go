package consent

import (
	"context"
	"crypto/sha256"
	"strings"

	"causeway/internal/access"
	"causeway/internal/ident"
)

// keyMark stands between purpose and recipient in the purpose of a permit.
const keyMark = "/"

// Key returns under which purpose a permit stands in the table of permits: the code
// itself where it is for everybody whom the purpose concerns, else the code with the one
// recipient. So a policy that asks for the code is not answered by a consent that names
// somebody.
func Key(purpose string, to Recipient) string {
	if to.IsZero() {
		return purpose
	}
	return purpose + keyMark + ident.Subject(to).String()
}

// covers reports whether a withdrawal for a recipient ends a permit: one for everybody
// ends those for each recipient too.
func covers(purpose string, to Recipient, key string) bool {
	return key == Key(purpose, to) || to.IsZero() && strings.HasPrefix(key, purpose+keyMark)
}

// Permitted says on which basis something about the pass's case may be passed on for a
// purpose to a recipient, now. ok is false when nothing permits it. Consent counts only
// where the recipient has not been refused since it was given to everybody; a basis other
// than consent is named only where there is no consent. It is for whoever discloses, in
// the transaction of the disclosure; nothing that was put in the database by hand counts.
//
// A withholding is the gate's business and beats all of it.
func Permitted(ctx context.Context, p *access.Pass, purpose string, to Recipient) (basis string, ok bool, err error) {
	list, err := p.Permits(ctx)
	if err != nil {
		return "", false, err
	}
	if err := p.CheckPermits(ctx, list); err != nil {
		return "", false, err
	}
	for _, one := range list {
		if one.Altered || one.Purpose != purpose && (to.IsZero() || one.Purpose != Key(purpose, to)) {
			continue
		}
		if one.Basis == BasisConsent {
			if refused, err := refusedSince(ctx, p, purpose, to); err != nil || refused {
				if err != nil {
					return "", false, err
				}
				continue
			}
			return one.Basis, true, nil
		}
		if basis == "" {
			basis = one.Basis
		}
	}
	return basis, basis != "", nil
}

// refusedSince reports whether the newest answer about one recipient is a no that came
// after the newest answer about everybody.
func refusedSince(ctx context.Context, p *access.Pass, purpose string, to Recipient) (bool, error) {
	if to.IsZero() {
		return false, nil
	}
	one, err := Latest(ctx, p, KindAnswer, purpose, to)
	if err != nil || one == nil || one.State == Given {
		return false, err
	}
	all, err := Latest(ctx, p, KindAnswer, purpose, Recipient{})
	return err == nil && (all == nil || one.Seq > all.Seq), err
}

// Land is the recipient that stands for a country (code list nationality) or, of an
// organisation of many States, for its node: the same at all times.
func Land(country string) Recipient {
	sum := sha256.Sum256([]byte("causeway/consent/land/1\x00" + country))
	return Recipient(sum[:16])
}

// NamedBasis returns on which basis something may be passed on to one recipient for a
// purpose, where what was recorded names that recipient: "consent" where there is one that was
// not taken back since, else another; "" for none.
func NamedBasis(ctx context.Context, p *access.Pass, purpose string, to Recipient) (string, error) {
	if named, err := Named(ctx, p, purpose, to); err != nil || named {
		return BasisConsent, err
	}
	list, err := p.Permits(ctx)
	if err == nil {
		err = p.CheckPermits(ctx, list)
	}
	if err != nil {
		return "", err
	}
	for _, one := range list {
		if !one.Altered && one.Basis != BasisConsent && one.Purpose == Key(purpose, to) {
			return one.Basis, nil
		}
	}
	return "", nil
}

// Named reports whether a consent in force names a recipient for a purpose: one that was
// given to everybody whom the purpose concerns does not count, nor does one that was
// refused since.
func Named(ctx context.Context, p *access.Pass, purpose string, to Recipient) (bool, error) {
	list, err := p.Permits(ctx)
	if err != nil {
		return false, err
	}
	if err := p.CheckPermits(ctx, list); err != nil {
		return false, err
	}
	for _, one := range list {
		if !one.Altered && one.Basis == BasisConsent && one.Purpose == Key(purpose, to) {
			refused, err := refusedSince(ctx, p, purpose, to)
			return err == nil && !refused, err
		}
	}
	return false, nil
}
