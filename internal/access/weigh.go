package access

// Weigh decides about an act for a caller who stands in a relation to its case, and
// does nothing: it is for measurements. Where kept is false, no remembered answer
// counts: the entities of the question are built and the policies evaluated.
func (g *Gate) Weigh(c *Caller, a Act, relation string, kept bool) (permitted bool) {
	c, now, r := somebody(c), g.clk.Now(), reachOf{relation: relation}
	if kept {
		_, reason := g.decide(c, a, r, now)
		return reason == ""
	}
	p := g.rules()
	if floor(c, a, r, now) != "" || p.lacks(c, &a) != "" {
		return false
	}
	return p.evaluate(ask(c, a, r, fresh(c, now))).reason == ""
}
