package locale

import "golang.org/x/text/language"

// Negotiate chooses the language of a page: what the signed-in person prefers,
// else what this browser chose before (the cookie), else what the browser
// announces (Accept-Language), else English. Unknown and hostile values are
// passed over.
func Negotiate(preference, cookie, accept string) *Locale {
	for _, code := range []string{preference, cookie} {
		if l := find(code); l != nil {
			return l
		}
	}
	// Parsing a very long header costs time and says nothing more.
	if len(accept) > 256 {
		accept = accept[:256]
	}
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(wanted) == 0 {
		return all[0]
	}
	_, i, confidence := matcher.Match(wanted...)
	if confidence == language.No {
		return all[0]
	}
	return all[i]
}

var matcher = newMatcher()

func newMatcher() language.Matcher {
	tags := make([]language.Tag, len(all))
	for i, l := range all {
		tags[i] = l.tag
	}
	return language.NewMatcher(tags)
}
