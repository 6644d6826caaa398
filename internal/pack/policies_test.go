package pack_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/google/go-cmp/cmp"

	"causeway/internal/pack"
)

// actions returns every action the schema knows, with true for those that may
// concern a case.
func actions(t *testing.T) map[string]bool {
	t.Helper()
	var s schema.Schema
	if err := s.UnmarshalCedar(pack.PolicySchema()); err != nil {
		t.Fatal(err)
	}
	resolved, err := s.Resolve()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for uid, a := range resolved.Actions {
		out[string(uid.ID)] = slices.Contains(a.AppliesTo.Resources, "Case")
	}
	return out
}

type asked struct {
	role, relation, sector        string
	inactive, withheld, emergency bool
	noPurpose, node               bool
}

// permitted asks the default policies about one action.
func permitted(t *testing.T, set *cedar.PolicySet, action string, a asked) bool {
	t.Helper()
	staff := cedar.NewEntityUID("Staff", "s")
	what := cedar.NewEntityUID("Case", "c")
	attributes := cedar.RecordMap{
		"relation": cedar.String(a.relation), "withheld": cedar.Boolean(a.withheld), "permits": cedar.NewSet(),
	}
	if a.node {
		what, attributes = cedar.NewEntityUID("Node", "here"), nil
	}
	purpose := "care"
	if a.noPurpose {
		purpose = ""
	}
	entities := cedar.EntityMap{
		staff: {UID: staff, Attributes: cedar.NewRecord(cedar.RecordMap{
			"role": cedar.String(a.role), "unit": cedar.String("u"), "sector": cedar.String(a.sector), "strength": cedar.String("passkey"),
			"fresh": cedar.Boolean(true), "active": cedar.Boolean(!a.inactive),
		})},
		what: {UID: what, Attributes: cedar.NewRecord(attributes)},
	}
	decision, diagnostic := cedar.Authorize(set, entities, cedar.Request{
		Principal: staff, Action: cedar.NewEntityUID("Action", cedar.String(action)), Resource: what,
		Context: cedar.NewRecord(cedar.RecordMap{
			"purpose": cedar.String(purpose), "fresh": cedar.Boolean(true),
			"via": cedar.String("web"), "emergency": cedar.Boolean(a.emergency),
		}),
	})
	for _, e := range diagnostic.Errors {
		t.Errorf("%s: policy %s could not be evaluated: %s", action, e.PolicyID, e.Message)
	}
	return decision == cedar.Allow
}

func policySet(t *testing.T) *cedar.PolicySet {
	t.Helper()
	set, err := cedar.NewPolicySetFromBytes("policies", demo(t).Policies())
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// The whole table of rights: for every role and relation exactly these actions,
// and no others.
func TestRightsOfTheDefaultPack(t *testing.T) {
	caseWork := []string{
		"case.confer", "case.contact", "case.flag", "case.list", "case.note", "case.open", "case.risk",
		"case.search", "case.alike", "case.task", "case.stage", "case.happened", "case.missing", "case.update", "case.wholooked",
		"document.add", "document.begin", "document.lock", "document.open", "document.read",
		"case.need", "case.plan",
		"case.care", "case.group", "case.people",
		"record.finish", "record.save",
		"referral.card", "referral.list", "referral.open", "referral.sent",
		"circle.sent", "circle.told", "rights.list", "rights.receive",
	}
	responsible := append([]string{"match.accept", "match.ask", "match.asked", "match.decide", "match.task", "referral.note", "referral.recall", "referral.recalled", "referral.send", "erasure.ask", "erasure.list", "circle.decide", "circle.disclose", "circle.keep", "circle.preview", "circle.recall", "referral.answer", "referral.offer", "referral.preview", "referral.refuse", "referral.release", "referral.withdraw", "referral.work", "case.authorise", "case.status", "case.tracing", "case.close", "case.export", "case.print", "case.withhold", "case.lift", "case.same", "document.destroy", "document.remove"}, caseWork...)
	supervising := append([]string{"match.second", "referral.approve", "case.liftagree", "rights.copy", "rights.decide", "erasure.agree", "erasure.refuse", "retention.hold", "retention.set", "case.approve", "case.review", "case.assign", "case.confirm", "case.exportplain", "case.reopen", "document.confirm"}, responsible...)
	asking := []string{"consent.record", "consent.view", "consent.withdraw"}
	askingAndKeeping := append([]string{"consent.keep"}, asking...)
	caseWork = append(caseWork, askingAndKeeping...)
	responsible = append(responsible, append([]string{"consent.basis", "consent.keep", "consent.disclose", "consent.withheld"}, asking...)...)
	supervising = append(supervising, append([]string{"consent.approve", "consent.basis", "consent.disclose", "consent.keep", "consent.withheld"}, asking...)...)
	onDuty := []string{"check.duty", "check.receipt", "case.breakglass", "referral.claim"}
	reviewing := []string{"glass.list", "glass.review"}
	glass := []string{"case.open", "case.note", "case.happened", "case.missing"}
	checking := append([]string{"check.handover", "check.result", "check.register", "check.seeto"}, onDuty...)
	supervisorChecks := slices.Concat([]string{"check.accept"}, checking, reviewing)
	team := []string{"team.view"}
	rules := []string{"policy.drop", "policy.propose", "policy.view"}
	everyday := []string{"circle.mine", "capture.begin", "capture.discard", "capture.list", "capture.open", "capture.receive", "capture.settle"}
	own := []string{"circle.mine", "circle.open", "circle.print", "circle.read", "circle.report"}
	complaining := []string{"complaint.file", "complaint.mine", "complaint.reopen"}
	overseeing := append([]string{
		"journal.export", "journal.verify", "journal.view", "staff.list", "complaint.list", "complaint.open", "complaint.handle", "complaint.answer",
		"inquiry.list", "inquiry.begin", "inquiry.read", "inquiry.work", "inquiry.recommend", "inquiry.close",
	}, complaining...)
	confirming := []string{"erasure.confirm", "erasure.list", "erasure.refuse"}
	receiving := []string{"referral.accept", "referral.answer", "referral.card", "referral.list", "referral.open", "referral.work"}
	tests := []struct {
		ask  asked
		want []string
	}{
		{asked{role: "case_worker", relation: "lead"}, slices.Concat(responsible, checking)},
		{asked{role: "case_worker", relation: "lead", sector: "child_protection"}, slices.Concat(responsible, checking, []string{"referral.protect"})},
		{asked{role: "supervisor", relation: "unit", sector: "child_protection"}, slices.Concat(supervising, supervisorChecks, team, []string{"referral.protect", "why.colleague"})},
		{asked{role: "case_worker", relation: "deputy"}, slices.Concat(responsible, checking)},
		{asked{role: "case_worker", relation: "lead", emergency: true}, slices.Concat([]string{"case.reopen"}, responsible, checking)},
		{asked{role: "case_worker", relation: "helper"}, slices.Concat(caseWork, onDuty)},
		{asked{role: "case_worker", relation: "helper", emergency: true}, slices.Concat(caseWork, onDuty)},
		{asked{role: "case_worker", relation: "unit"}, onDuty},
		{asked{role: "case_worker", relation: "none"}, onDuty},
		{asked{role: "case_worker", relation: "glass"}, slices.Concat(onDuty, glass)},
		{asked{role: "case_worker", relation: "glass", withheld: true}, nil},
		{asked{role: "case_worker", relation: "glass", inactive: true}, nil},
		{asked{role: "case_worker", relation: "glass", noPurpose: true}, nil},
		{asked{role: "case_worker", relation: "none", emergency: true}, append([]string{"case.happened"}, onDuty...)},
		{asked{role: "case_worker", relation: "lead", withheld: true, emergency: true}, nil},
		{asked{role: "case_worker", relation: "lead", inactive: true, emergency: true}, nil},
		{asked{role: "case_worker", relation: "lead", noPurpose: true}, []string{"case.wholooked"}},
		{asked{role: "case_worker", node: true}, slices.Concat(everyday, complaining, []string{
			"erasure.list", "rights.list",
			"case.list", "case.register", "case.search", "case.alike", "check.duty", "check.make", "check.receipt", "check.report", "contact.view", "directory.view", "glass.find", "referral.claim", "referral.list", "referral.missing", "view.list", "view.save", "view.unshare",
		})},
		{asked{role: "case_worker", node: true, noPurpose: true}, []string{
			"capture.begin", "capture.receive", "case.list", "case.register", "case.search", "case.alike", "check.make", "check.receipt", "directory.view", "view.list", "view.save", "view.unshare",
		}},

		{asked{role: "supervisor", relation: "unit"}, slices.Concat(supervising, supervisorChecks, team, []string{"why.colleague"})},
		{asked{role: "supervisor", relation: "lead"}, slices.Concat(supervising, supervisorChecks, team, []string{"why.colleague"})},
		{asked{role: "supervisor", relation: "none"}, slices.Concat(onDuty, reviewing)},
		{asked{role: "supervisor", relation: "glass"}, slices.Concat(onDuty, reviewing, glass)},
		{asked{role: "supervisor", relation: "none", emergency: true}, slices.Concat([]string{"case.happened"}, onDuty, reviewing)},
		{asked{role: "supervisor", relation: "unit", withheld: true}, nil},
		{asked{role: "supervisor", relation: "unit", inactive: true}, nil},
		{asked{role: "supervisor", relation: "unit", noPurpose: true}, []string{"case.wholooked"}},
		{asked{role: "supervisor", node: true}, slices.Concat(everyday, complaining, team, rules, []string{
			"inquiry.asked", "inquiry.reply",
			"policy.activate", "why.colleague", "flow.view",
			"erasure.list", "rights.list",
			"case.export", "case.exportplain", "case.list", "case.register", "case.search", "case.alike", "check.duty", "check.make", "check.receipt", "check.report", "deputy.end", "deputy.set",
			"contact.view", "directory.capacity", "directory.edit", "directory.export", "directory.import", "directory.view", "form.edit", "form.publish", "glass.figures", "glass.find", "glass.list", "volume.list", "volume.settle", "import.run", "referral.claim", "referral.list", "referral.missing", "staff.disable",
			"staff.invite", "staff.list", "staff.present", "staff.reinvite", "staff.update", "staff.withdraw",
			"view.list", "view.save", "view.share", "view.unshare",
			"match.agree", "match.end", "match.propose", "match.tasks", "match.view",
			"peer.confirm", "peer.help", "peer.prove", "peer.quarantine", "peer.resume", "peer.view",
		})},

		{asked{role: "first_responder", relation: "lead"}, []string{"case.breakglass", "check.handover", "check.receipt", "check.result", "check.seeto"}},
		{asked{role: "first_responder", relation: "lead", withheld: true}, nil},
		{asked{role: "first_responder", relation: "none"}, []string{"case.breakglass", "check.receipt"}},
		{asked{role: "first_responder", relation: "none", emergency: true}, []string{"case.breakglass", "case.happened", "check.receipt"}},
		{asked{role: "first_responder", node: true}, slices.Concat(everyday, complaining, []string{"check.make", "check.receipt", "check.report", "directory.view", "glass.find", "referral.list"})},
		{asked{role: "first_responder", relation: "glass"}, slices.Concat([]string{"case.breakglass", "check.receipt"}, glass)},
		{asked{role: "first_responder", relation: "glass", withheld: true}, nil},
		{asked{role: "investigator", relation: "glass"}, []string{"circle.ask"}},
		{asked{role: "node_operator", relation: "glass"}, nil},
		{asked{role: "coordinator", relation: "none"}, nil},
		{asked{role: "rapporteur", node: true}, append([]string{"flow.view", "glass.figures"}, complaining...)},

		{asked{role: "provider", node: true, noPurpose: true}, []string{"directory.view"}},
		{asked{role: "focal_point", node: true}, append([]string{"circle.mine", "contact.edit", "contact.export", "contact.view", "directory.export", "directory.view", "flow.view", "match.agree", "match.end", "match.propose", "match.tasks", "match.view", "peer.carry", "peer.confirm", "peer.help", "peer.learn", "peer.prepare", "peer.prove", "peer.quarantine", "peer.remove", "peer.resume", "peer.view", "referral.list", "referral.missing"}, complaining...)},
		{asked{role: "investigator", node: true}, append([]string{"circle.ask", "circle.mine", "referral.list"}, complaining...)},

		{asked{role: "node_operator", relation: "lead"}, nil},
		{asked{role: "node_operator", relation: "unit", emergency: true}, nil},
		{asked{role: "node_operator", node: true}, slices.Concat(rules, complaining, []string{
			"agency.update", "backup.run", "capture.receive", "group.update", "health.view", "match.end", "match.view", "peer.carry", "peer.help", "peer.learn", "peer.prepare", "peer.quarantine", "peer.remove", "peer.view", "place.bring", "place.try", "staff.disable", "staff.invite", "staff.list", "staff.withdraw", "unit.update",
		})},

		{asked{role: "auditor", relation: "none"}, slices.Concat([]string{"case.wholooked", "why.colleague"}, confirming, reviewing)},
		{asked{role: "auditor", relation: "lead"}, slices.Concat([]string{"case.wholooked", "why.colleague"}, confirming, reviewing)},
		{asked{role: "auditor", relation: "none", withheld: true}, nil},
		{asked{role: "auditor", node: true}, slices.Concat(overseeing, []string{"capture.receive", "erasure.list", "flow.view", "glass.figures", "glass.list", "volume.list", "volume.settle", "match.view", "peer.prove", "peer.view", "policy.view", "why.colleague"})},
		{asked{role: "ombudsperson", node: true}, slices.Concat(overseeing, []string{"erasure.list", "flow.view", "glass.figures", "glass.list", "volume.list", "volume.settle", "match.view", "peer.view", "policy.view"})},
		{asked{role: "ombudsperson", node: true, inactive: true}, nil},

		{asked{role: "guardian", relation: "circle"}, slices.Concat(own, asking)},
		{asked{role: "guardian", relation: "receiver"}, slices.Concat(own, receiving)},
		{asked{role: "guardian", relation: "circle", withheld: true}, nil},
		{asked{role: "guardian", relation: "circle", noPurpose: true}, nil},
		{asked{role: "guardian", relation: "none"}, nil},
		{asked{role: "guardian", relation: "lead"}, nil},
		{asked{role: "case_worker", relation: "circle"}, slices.Concat(onDuty, own)},
		{asked{role: "investigator", relation: "none"}, []string{"circle.ask"}},
		{asked{role: "investigator", relation: "none", inactive: true}, nil},
		{asked{role: "investigator", relation: "circle"}, append([]string{"circle.ask"}, own...)},
		{asked{role: "investigator", node: true, noPurpose: true}, nil},
		{asked{role: "coordinator", relation: "circle"}, nil},
		{asked{role: "ombudsperson", relation: "none"}, slices.Concat([]string{"case.wholooked"}, confirming, reviewing)},
		{asked{role: "ombudsperson", relation: "none", withheld: true}, nil},
		{asked{role: "ombudsperson", relation: "none", inactive: true}, nil},

		{asked{role: "lawyer", relation: "circle"}, slices.Concat(own, []string{"consent.note", "consent.notes", "consent.view", "consent.withdraw"})},
		{asked{role: "lawyer", relation: "circle", withheld: true}, nil},
		{asked{role: "lawyer", relation: "none"}, nil},
		{asked{role: "provider", relation: "receiver"}, slices.Concat(own, receiving)},
		{asked{role: "provider", relation: "receiver", emergency: true}, slices.Concat(own, receiving)},
		{asked{role: "provider", relation: "receiver", withheld: true}, nil},
		{asked{role: "provider", relation: "receiver", inactive: true}, nil},
		{asked{role: "provider", relation: "receiver", noPurpose: true}, nil},
		{asked{role: "provider", relation: "none"}, nil},
		{asked{role: "provider", relation: "lead"}, nil},
		{asked{role: "provider", node: true}, append([]string{"circle.mine", "directory.capacity", "directory.view", "referral.list"}, complaining...)},
		{asked{role: "case_worker", relation: "receiver"}, slices.Concat(own, receiving, onDuty, []string{"referral.assume", "referral.note", "referral.recalled"})},
		{asked{role: "supervisor", relation: "receiver"}, slices.Concat(own, receiving, onDuty, reviewing, []string{"referral.assume", "referral.note", "referral.recalled"})},
		{asked{role: "first_responder", relation: "receiver"}, slices.Concat([]string{"case.breakglass", "check.receipt"}, own, receiving)},
		{asked{role: "coordinator", relation: "receiver"}, nil},
		{asked{role: "judge", relation: "receiver"}, append([]string{"circle.ask"}, own...)},

		{asked{role: "", relation: "lead"}, nil},
		{asked{role: "coordinator", node: true}, append([]string{"flow.view", "glass.figures"}, complaining...)},
		{asked{role: "coordinator", relation: "lead"}, nil},
		{asked{role: "", node: true}, nil},
		{asked{role: "job", node: true}, nil},
	}
	ofBoth := []string{"glass.list", "case.list", "case.search", "case.alike", "case.export", "case.exportplain", "check.duty", "check.receipt", "circle.ask", "circle.mine", "referral.claim", "referral.list", "erasure.list", "rights.list", "team.view", "why.colleague"}
	set, all := policySet(t), actions(t)
	for _, role := range []string{"case_worker", "supervisor", "node_operator", "auditor"} {
		tests = append(tests, struct {
			ask  asked
			want []string
		}{asked{role: role, node: true, inactive: true}, nil})
	}
	for _, tt := range tests {
		var got []string
		for action, onCase := range all {
			if tt.ask.node == onCase && !slices.Contains(ofBoth, action) {
				continue // not a question that is ever asked
			}
			if permitted(t, set, action, tt.ask) {
				got = append(got, action)
			}
		}
		slices.Sort(got)
		want := slices.Sorted(slices.Values(tt.want))
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%+v (-got +want):\n%s", tt.ask, diff)
		}
	}
}

func TestEveryRuleSpeaksPlainly(t *testing.T) {
	p := demo(t)
	rules := p.Rules()
	if len(rules) == 0 {
		t.Fatal("no rules")
	}
	laws := 0
	for _, r := range rules {
		if !strings.HasSuffix(r.Says, ".") || len(r.Says) > 160 {
			t.Errorf("rule %s (line %d): @says is not one short sentence", r.ID, r.Line)
		}
		for _, lang := range p.Languages() {
			if says := r.In[lang]; lang != "en" && (!strings.HasSuffix(says, ".") || utf8.RuneCountInString(says) > 180 || says == r.Says) {
				t.Errorf("rule %s (line %d): @says_%s is not one short sentence", r.ID, r.Line, lang)
			}
		}
		if (r.Law == "") == (r.Basis == "") {
			t.Errorf("rule %s claims both a law and none", r.ID)
		}
		if r.Law != "" {
			laws++
			if !strings.Contains(r.Law, "article ") {
				t.Errorf("rule %s: the law %q names no article", r.ID, r.Law)
			}
		}
	}
	if laws == 0 {
		t.Error("no rule rests on a law")
	}
}

// Each case is a policy that must not be loaded.
func TestPoliciesThatAreRefused(t *testing.T) {
	const head = "@id(\"x\") @says(\"Something.\") @basis(\"a test\")\n"
	const scope = "(principal is Staff, action == Action::\"case.open\", resource is Case)"
	const when = " when { principal.active };"
	tests := []struct{ name, text, want string }{
		{"no Cedar", "permit everything", "policies/x.cedar:1:"},
		{"a fault further down", head + "permit " + scope + when + "\npermit (", "policies/x.cedar:3:"},
		{"forbid", head + "forbid " + scope + when, "policies/x.cedar:1:1: may only permit"},
		{"no condition", head + "permit " + scope + ";", "must have a condition"},
		{"every action", head + "permit (principal is Staff, action, resource is Case)" + when, "must name its actions"},
		{"an unknown action", head + "permit (principal is Staff, action == Action::\"case.sell\", resource is Case)" + when, "policies/x.cedar:1:1:"},
		{"an unknown attribute", head + "permit " + scope + " when { principal.boss };", "policies/x.cedar:1:1:"},
		{"an unknown type", head + "permit (principal is Robot, action == Action::\"case.open\", resource is Case)" + when, "policies/x.cedar:1:1:"},
		{"a wrong type", head + "permit " + scope + " when { principal.role };", "policies/x.cedar:1:1:"},
		{"a node that has relations", head + "permit (principal is Staff, action == Action::\"case.list\", resource) when { resource.relation == \"lead\" };", "policies/x.cedar:1:1:"},
		{"no id", "@says(\"Something.\") @basis(\"a test\")\npermit " + scope + when, "needs an @id"},
		{"no sentence", "@id(\"x\") @basis(\"a test\")\npermit " + scope + when, "needs @says"},
		{"neither law nor basis", "@id(\"x\") @says(\"Something.\")\npermit " + scope + when, "needs either @law or @basis"},
		{"law and basis", "@law(\"y\") " + head + "permit " + scope + when, "needs either @law or @basis"},
		{"an id of another file", strings.Replace(head, "\"x\"", "\"oversight-sees-who-looked\"", 1) + "permit " + scope + when, "policies/x.cedar:1:1: this @id stands there twice"},
		{"an id twice", strings.Repeat(head+"permit "+scope+when+"\n", 2), "policies/x.cedar:3:1: this @id stands there twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := pack.Default(over(map[string]string{"policies/x.cedar": tt.text}))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want it to say %q", err, tt.want)
			}
		})
	}
	if _, err := pack.Default(over(map[string]string{"policies/x.cedar": head + "permit " + scope + when})); err != nil {
		t.Errorf("the sound policy of this test is refused: %v", err)
	}
	if _, err := pack.Default(over(map[string]string{"policies.cedar": head + "permit " + scope + when})); err == nil {
		t.Error("policies outside their folder were passed over in silence")
	}
}
