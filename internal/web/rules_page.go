package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
)

// ruleRoutes are the pages of the rules: those in force, proposals, and what a
// proposal would change.
func (s *Server) ruleRoutes() {
	if s.Rules == nil {
		return
	}
	s.page("GET /rules", s.rules)
	s.form("/rules/propose", formPage{show: s.showProposing, do: s.proposeRules})
	s.form("/rules/{version}", formPage{show: s.showProposal, do: s.activateRules})
	s.page("POST /rules/{version}/drop", s.dropRules)
}

// proposesRules reports whether the reader may propose rules: at the head of all
// units, or as who keeps the machine running.
func (v *visit) proposesRules() bool {
	return v.s.Gate.May(v.caller, "policy.propose") && (v.atHead() || v.caller.Role() == access.RoleNodeOperator)
}

func (s *Server) rules(v *visit) error {
	book, err := s.Rules.Show(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	view := RulesPage{Frame: v.frame("rules"), Number: strconv.FormatInt(book.Number, 10), Rules: book.Rules}
	waits := false
	for i := range book.Sets {
		view.Sets = append(view.Sets, v.ruleSet(&book.Sets[i]))
		waits = waits || book.Sets[i].State == access.RulesProposed
		if set := &book.Sets[i]; set.Version == book.Number {
			view.Stale = set.Stale
		}
	}
	view.Propose = v.proposesRules() && !waits
	return v.write(http.StatusOK, view)
}

func (v *visit) ruleSet(set *access.RuleSet) RuleSetRow {
	row := RuleSetRow{
		Number: strconv.FormatInt(set.Version, 10), Href: "/rules/" + strconv.FormatInt(set.Version, 10), State: set.State,
		By: v.name(set.Proposer), At: clock.FromMicros(set.Proposed).In(v.s.Zone), Decider: v.name(set.Decider), Stale: set.Stale,
	}
	if set.Decided > 0 {
		row.Decided = clock.FromMicros(set.Decided).In(v.s.Zone)
	}
	return row
}

// showProposing is the page on which rules are written. It begins with those in force,
// or with the pack's own.
func (s *Server) showProposing(v *visit, f Form) (any, error) {
	if !v.proposesRules() {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	book, err := s.Rules.Show(v.r.Context(), v.caller)
	if err != nil {
		return nil, err
	}
	view := RulesPropose{Frame: v.frame("rules")}
	if _, typed := f.Values["rules_text"]; typed {
		view.Problems = s.Rules.Problems([]byte(f.Value("rules_text")))
	} else {
		text := book.Text
		if v.r.URL.Query().Get("from") == "0" {
			text = book.Pack
		}
		f.Values = url.Values{"rules_text": {string(text)}}
	}
	f.Action, view.Form, view.Own = "/rules/propose", f, book.Number > 0
	return view, nil
}

func (s *Server) proposeRules(v *visit) (string, string, error) {
	cmd, err := v.command()
	if err != nil {
		return "", "", err
	}
	text := strings.ReplaceAll(v.value("rules_text"), "\r\n", "\n")
	return "/rules", "rules-proposed", s.Rules.Propose(v.r.Context(), v.caller, cmd, []byte(text))
}

// ruleVersion reads the number of the address. A forged one takes the way of an
// unknown one.
func (v *visit) ruleVersion() int64 {
	n, err := strconv.ParseInt(v.r.PathValue("version"), 10, 64)
	if err != nil || n < 1 {
		return -1
	}
	return n
}

// levelWords are the words of the levels, "level.<word>".
var levelWords = [...]string{access.Never: "never", access.InEmergency: "emergency", access.Sometimes: "sometimes", access.Always: "always"}

func (s *Server) showProposal(v *visit, f Form) (any, error) {
	p, err := s.Rules.Compare(v.r.Context(), v.caller, v.ruleVersion())
	if err != nil {
		return nil, err
	}
	view := RulesProposal{
		Frame: v.frame("rules"), Set: v.ruleSet(&p.RuleSet), InForce: strconv.FormatInt(p.InForce, 10),
		Added: p.Difference.Added, Removed: p.Difference.Removed, Other: p.Difference.Other,
		Own: p.Proposer == v.session.Staff, Waits: p.State == access.RulesProposed,
	}
	view.Frame.Path = view.Set.Href
	for i := range p.Difference.Changes {
		c := &p.Difference.Changes[i]
		if c.Gains() {
			view.Gains = v.right(view.Gains, c)
		} else {
			view.Losses = v.right(view.Losses, c)
		}
	}
	view.CanDrop = view.Waits && v.proposesRules()
	view.CanActivate = view.Waits && !view.Own && v.atHead() && s.Gate.May(v.caller, "policy.activate")
	if view.CanActivate {
		if err := v.freshFor("policy.activate"); err != nil {
			return nil, err
		}
	}
	f.Action = view.Set.Href
	f.Hidden = append(f.Hidden, Hidden{"seen_version", strconv.FormatInt(p.Edition, 10)}, Hidden{"in_force", view.InForce})
	view.Form = f
	return view, nil
}

// right adds one change to those of its role. Changes of one act that are alike stand
// together.
func (v *visit) right(all []RightsOf, c *access.Change) []RightsOf {
	if len(all) == 0 || all[len(all)-1].Role != c.Role {
		all = append(all, RightsOf{Role: c.Role})
	}
	of := &all[len(all)-1]
	line := RightLine{Act: c.Action, Before: levelWords[c.Before], After: levelWords[c.After]}
	if v.l.Has("what." + c.Action) {
		line.Act = v.l.T("what." + c.Action)
	}
	if n := len(of.Lines); n > 0 && of.Lines[n-1].Act == line.Act && of.Lines[n-1].Before == line.Before && of.Lines[n-1].After == line.After {
		of.Lines[n-1].Standings = append(of.Lines[n-1].Standings, c.Relation)
		return all
	}
	line.Standings = []string{c.Relation}
	of.Lines = append(of.Lines, line)
	return all
}

// activateRules puts a proposal in force as it was seen.
func (s *Server) activateRules(v *visit) (string, string, error) {
	cmd, err := v.command()
	if err != nil {
		return "", "", err
	}
	inForce, err := strconv.ParseInt(v.value("in_force"), 10, 64)
	if err != nil {
		return "", "", fault.New(fault.Invalid, "form-unreadable")
	}
	return "/rules", "rules-active", s.Rules.Activate(v.r.Context(), v.caller, cmd, v.ruleVersion(), v.seen(), inForce)
}

// dropRules takes a proposal back.
func (s *Server) dropRules(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	cmd, err := v.command()
	if err != nil {
		return err
	}
	n := v.ruleVersion()
	if err := s.Rules.Drop(v.r.Context(), v.caller, cmd, n, v.seen()); err != nil {
		return v.back("/rules/"+strconv.FormatInt(n, 10), err, s.showProposal)
	}
	return v.redirect("/rules", "rules-dropped")
}
