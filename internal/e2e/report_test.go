package e2e_test

import (
	"testing"

	"causeway/internal/ident"
	"causeway/internal/locale"
)

// TestAnEmergencyOnAPhone writes down, on a phone, with and without JavaScript, what
// was done for a child whose page is not shown; the page fits and says what it says
// of every number.
func TestAnEmergencyOnAPhone(t *testing.T) {
	for _, language := range []string{"en", "ar"} {
		t.Run(language, func(t *testing.T) {
			inBothModes(t, func(t *testing.T, script bool) {
				l := locale.Get(language)
				b := onPhone(t, language, script)
				b.enter(login(t, "case_worker", language))
				b.open("/duty")
				b.follow(`main a[href="/duty/emergency"]`)
				b.look("report")
				b.follow("main button.main")
				b.look("report-empty")
				b.says("#errors", l.Error("required"))
				b.write("number", ident.NewCaseNumber().String())
				b.answer("act_kind", "other")
				b.write("what_happened", marked("bittersweet nightshade was told"))
				b.write("why_at_once", marked("brimstone moth at night"))
				b.follow("main button.main")
				b.look("report-told")
				b.says(".notice", l.T("notice.reported"))
			})
		})
	}
}
