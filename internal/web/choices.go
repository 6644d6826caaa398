package web

import (
	"causeway/internal/casework"
	"causeway/internal/locale"
)

// The answers that forms offer and that are ours, not a jurisdiction pack's.

// Answers returns the five states of an answer.
func Answers(l *locale.Locale) []Option {
	return Options(l, "answer", "yes", "no", "unknown", "not_asked", "refused")
}

// NextContacts returns the days offered for the next contact: as the risk
// asks, in so many days, or a day of one's own.
func NextContacts(l *locale.Locale) []Option {
	return Options(l, "when", "auto", "1", "3", "7", "14", "date")
}

// OpenOrClosed returns the two states of a case that the list filters by.
func OpenOrClosed(l *locale.Locale) []Option { return Options(l, "opened", "open", "closed") }

// Presumed returns the one box that says an age is doubted.
func Presumed(l *locale.Locale) []Option { return Options(l, "presumed", "yes") }

// EmergencyAct returns the one box that says an act could not wait.
func EmergencyAct(l *locale.Locale) []Option { return Options(l, "emergencyact", "yes") }

// Outcomes returns the answers of a review of an act without a basis.
func Outcomes(l *locale.Locale) []Option {
	return Options(l, "outcome", casework.Outcomes()...)
}

// DeclinedBy returns the answers to who declined support.
func DeclinedBy(l *locale.Locale) []Option {
	return Options(l, "declined", casework.DeclinedBy()...)
}

// Roles returns the roles with what each may do, in one sentence.
func Roles(l *locale.Locale, codes ...string) []Option {
	out := Options(l, "role", codes...)
	for i := range out {
		out[i].Hint = l.Word("rolesays", out[i].Value)
	}
	return out
}
