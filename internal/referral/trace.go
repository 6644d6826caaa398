package referral

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/consent"
	"causeway/internal/ident"
)

// consentTracing is what somebody agrees to who lets a child be looked for (code list
// consent_purpose).
const consentTracing = "tracing"

// What is missing before a child may be looked for in a country.
const (
	UnmetHidden     = "hidden-from-country"    // the case is withheld from that country
	UnmetProtection = "protection-first"       // no protection check of it that passes
	UnmetConsent    = "no-consent-for-country" // nobody agreed to tracing there, and no determination stands in its place
)

// MayTrace returns what is missing before anything masked about the pass's case may go to a
// country, so that the child can be found there or asked about: nothing is, or nothing
// goes. land is what a consent names ([Partner.Land]), country the code of the protection check.
// The order is that of what a worker has to do first. The pass is a command's.
func (r *Room) MayTrace(ctx context.Context, p *access.Pass, land, country string) (unmet []string, err error) {
	hidden, err := p.IsWithheld(ctx, consent.Land(land))
	if err != nil {
		return nil, err
	}
	if hidden {
		unmet = append(unmet, UnmetHidden)
	}
	check, err := checkedProtection(ctx, p, country)
	if err != nil {
		return nil, err
	}
	if !check.Passes() {
		unmet = append(unmet, UnmetProtection)
	}
	may, err := r.tracingAgreed(ctx, p, land)
	if err == nil && !may {
		unmet = append(unmet, UnmetConsent)
	}
	return unmet, err
}

// tracingAgreed reports whether somebody agreed to tracing in a country, by name, or two
// people decided so in the child's best interests; or it was recorded on another basis that
// names the country, and a best-interests determination stands.
func (r *Room) tracingAgreed(ctx context.Context, p *access.Pass, land string) (bool, error) {
	basis, err := consent.NamedBasis(ctx, p, consentTracing, consent.Land(land))
	if err != nil || basis == "" || basis == basisConsent || basis == consent.BasisBestInterests {
		return basis != "", err
	}
	row, err := r.cases.Head(ctx, p)
	if err != nil {
		return false, err
	}
	return r.cases.BestInterestsStand(ctx, p, row)
}

// Traceable returns the cases after one in which tracing in a country is recorded, in
// order: those that [Room.MayTrace] may let through.
func (r *Room) Traceable(ctx context.Context, p *access.Pass, land string, after ident.Case, most int) ([]ident.Case, error) {
	return p.PermittedCases(ctx, consent.Key(consentTracing, consent.Land(land)), after, most)
}
