package pack

import (
	"slices"
	"strings"
)

// The gates of the life of a case, as gates.csv has them.
const (
	gateStage = "stage" // which stage may follow which
	gateAct   = "act"   // what an act needs before it is authorised
	gateClose = "close" // what closing for a reason needs
	gateErase = "erase" // what erasing on a ground needs
)

// What a gate may need besides a finished form.
const (
	NeedDecision      = "decision"       // a dated, reasoned decision of a court or authority
	NeedLowRisk       = "low_risk"       // the risk was scored again, and is low
	NeedChildDeclined = "child_declined" // the child declined, not a carer alone
	NeedTransition    = "transition"     // a plan for the time after 18
	NeedNoSign        = "no_sign"        // nobody presumed or found that the child was trafficked
	NeedHandedAbroad  = "handed_abroad"  // an office of another country answers for the child
	NeedNoUrgent      = "no_urgent"      // nothing is open, and no finished form says, that cannot wait
	NeedCaseClosed    = "case_closed"    // nobody is helped with this case any more
	NeedRetentionOver = "retention_over" // it was kept as long as its class asks
	NeedNoHold        = "no_hold"        // no legal hold is in force
)

var (
	actNeeds   = []string{NeedDecision}
	closeNeeds = []string{NeedLowRisk, NeedChildDeclined, NeedTransition, NeedNoSign, NeedNoUrgent, NeedHandedAbroad}
	eraseNeeds = []string{NeedCaseClosed, NeedRetentionOver, NeedNoHold}
)

// Gate is one gate: what has to be there. Of the needs of a stage or an act one
// is enough; of the needs of closing and of erasing all must hold.
type Gate struct {
	Needs      []string // forms that are finished, or what the constants name
	Unless     []string // states of records that keep the gate shut while in force
	Source     string
	Confidence Confidence
}

// gateKey names a gate: its kind, what it is about, and for stages the next one.
type gateKey struct{ gate, code, to string }

type gateRow struct {
	Gate
	at cell
}

// gates reads gates.csv and lays its rows over those already there.
func (l *loader) gates(file string) {
	rows, ok := l.rows(file, []string{"gate", "code", "to", "needs", "unless", "source", "confidence"}, nil)
	if !ok {
		return
	}
	if l.pack.gates == nil {
		l.pack.gates = map[gateKey]gateRow{}
	}
	here := map[gateKey]bool{}
	for _, r := range rows {
		key := gateKey{r.at("gate").text, r.at("code").text, r.at("to").text}
		if here[key] {
			l.faultAt(r.at("code"), "this gate stands there twice")
			continue
		}
		here[key] = true
		if r.at("source").text == "" {
			l.faultAt(r.at("source"), "must say where this comes from")
		}
		if l.pack.gates[key].at.file == "" && key.gate == gateStage {
			l.pack.follow = append(l.pack.follow, key)
		}
		l.pack.gates[key] = gateRow{at: r.at("code"), Gate: Gate{
			Needs: split(r.at("needs").text), Unless: split(r.at("unless").text),
			Source: r.at("source").text, Confidence: l.confidence(r.at("confidence"), Law, Guidance, Standard, HouseChoice),
		}}
	}
}

// split reads a list of codes in one cell.
func split(s string) []string {
	var out []string
	for part := range strings.SplitSeq(s, ";") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// checkGates checks the gates against the lists: a gate that asks for nothing
// anybody can give, or an act without a basis, is a fault of the pack.
func (l *loader) checkGates() {
	for key, row := range l.pack.gates {
		known, needs := "", []string(nil)
		switch key.gate {
		case gateStage:
			known = Stages
			needs = actNeeds
			if !l.pack.Valid(Stages, key.to) || key.to == "missing" || key.to == "closed" || key.code == "missing" || key.code == "closed" {
				l.faultAt(row.at, "this stage is entered and left in a way of its own")
			}
		case gateAct:
			known, needs = ActKinds, actNeeds
			if len(row.Needs) == 0 {
				l.faultAt(row.at, "an act must name the basis it needs")
			}
		case gateClose:
			known, needs = CloseReasons, closeNeeds
		case gateErase:
			known, needs = ErasureGrounds, eraseNeeds
		default:
			l.faultAt(row.at, "the gates are stage, act, close and erase")
			continue
		}
		if !l.pack.Valid(known, key.code) {
			l.faultAt(row.at, "is not in the list "+known)
		}
		for _, need := range row.Needs {
			form := key.gate != gateClose && key.gate != gateErase && l.pack.Parent(StatusStates, need) == "filed"
			if !form && !slices.Contains(needs, need) {
				l.faultAt(row.at, "needs something the program does not know")
			}
		}
		for _, state := range row.Unless {
			if !l.pack.Valid(StatusStates, state) {
				l.faultAt(row.at, "is shut by a state that is not in the list "+StatusStates)
			}
		}
	}
	for _, kind := range l.pack.Codes(ActKinds) {
		if _, ok := l.pack.gates[gateKey{gateAct, kind, ""}]; !ok {
			l.fault("gates.csv", 0, 0, "must have a gate for the act "+kind)
		}
		if l.pack.Parent(StatusStates, kind) != "decision" {
			l.fault("lists/status_state.csv", 0, 0, "must have a decision on the act "+kind)
		}
	}
}

// Next returns the stages that may follow a stage, in the order of the file.
func (p *Pack) Next(stage string) []string {
	var out []string
	for _, key := range p.follow {
		if key.code == stage {
			out = append(out, key.to)
		}
	}
	return out
}

// Follows returns the gate between two stages; ok is false where the one may not
// follow the other.
func (p *Pack) Follows(from, to string) (g Gate, ok bool) {
	row, ok := p.gates[gateKey{gateStage, from, to}]
	return row.Gate, ok
}

// ActGate returns what an act needs before it is authorised. An act that no gate
// names cannot be authorised: ok is false.
func (p *Pack) ActGate(kind string) (g Gate, ok bool) {
	row, ok := p.gates[gateKey{gateAct, kind, ""}]
	return row.Gate, ok
}

// CloseGate returns what closing for a reason needs. A reason that no gate names
// needs a low risk, and that nothing stands that cannot wait.
func (p *Pack) CloseGate(reason string) Gate {
	if row, ok := p.gates[gateKey{gateClose, reason, ""}]; ok {
		return row.Gate
	}
	return Gate{Needs: []string{NeedLowRisk, NeedNoUrgent}}
}

// EraseGate returns what erasing a case on a ground needs, all of it. A ground that no
// gate names needs everything.
func (p *Pack) EraseGate(ground string) Gate {
	if row, ok := p.gates[gateKey{gateErase, ground, ""}]; ok {
		return row.Gate
	}
	return Gate{Needs: eraseNeeds}
}
