package web

import (
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/consent"
	"causeway/internal/pack"
)

// usesShown is how many disclosures the child's page names.
const usesShown = 5

// dataUse says on a child's page on what basis the data is used.
func (v *visit) dataUse(child string, c *casework.Child) *DataUse {
	uses := c.DataUse(v.s.Pack.Codes(pack.ConsentPurposes))
	out := &DataUse{ToTell: uses.ToTell()}
	link := func(action, page string) string {
		if !c.May[action] {
			return ""
		}
		return child + page
	}
	out.Consent, out.Withhold, out.Circle = link("consent.view", "/consent"), link("consent.withheld", "/withheld"), link("circle.sent", "/circle")
	if out.Consent+out.Withhold+out.Circle == "" {
		return nil
	}
	for _, u := range uses.Purposes {
		line := UseLine{What: v.label(pack.ConsentPurposes, u.Purpose), State: useState(&u)}
		if !u.At.IsZero() {
			line.On = v.day(u.At)
		}
		out.Purposes = append(out.Purposes, line)
	}
	for i := range uses.Withheld {
		w := &uses.Withheld[i]
		line := UseLine{Who: v.withheldFrom(w), On: v.day(clock.FromMicros(w.FromAt))}
		if w.Part != "" {
			line.What = v.part(w.Part, nil)
		}
		out.Withheld = append(out.Withheld, line)
	}
	for i := range uses.Disclosed {
		d := &uses.Disclosed[i]
		if i >= usesShown && d.TellBy.IsZero() {
			continue
		}
		line := UseLine{What: v.holder(d.To), For: v.label(pack.ConsentPurposes, d.Purpose), Parts: v.labels(pack.DisclosureParts, d.Parts), On: v.day(d.At)}
		if d.Ended {
			line.State = "ended"
		}
		if !d.TellBy.IsZero() {
			line.Tell = DueOn(v.day(d.TellBy), v.today())
		}
		out.Disclosed = append(out.Disclosed, line)
	}
	return out
}

// useState is where a purpose stands, words "usestate.<…>".
func useState(u *casework.Use) string {
	switch {
	case u.Permits && u.State == consent.Refused, u.Permits && u.State == consent.Withdrawn:
		return "otherwise" // refused or withdrawn, and something else permits it
	case u.Permits:
		return "permitted"
	case u.State == consent.Given:
		return "over"
	case u.State == consent.Refused, u.State == consent.Withdrawn, u.State == consent.NotAsked:
		return u.State
	}
	return "over"
}
