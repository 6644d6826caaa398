package bench

import (
	"context"

	"causeway/protocol/handover"
)

// handoverArea shakes the machine of referrals and transfers: two ends, a line that
// loses, doubles and reorders, and crashes of either end.
func handoverArea(_ context.Context, o *Options, emit func(Measure)) error {
	rep := handover.Check(1, pick(o, 1_000_000, 100_000))
	emit(scale("steps of the model of a handover", float64(rep.Steps), "steps"))
	emit(scale("crashes among them", float64(rep.Crashes), "crashes"))
	emit(scale("steps of the table that were seen, of 39", float64(rep.Moves), "steps"))
	emit(atMost("moments in which nobody answered for the child", float64(rep.Nobody), "moments", 0))
	emit(atMost("states that two clerks wrote", float64(rep.TwoClerks), "states", 0))
	emit(atMost("steps that the table does not have", float64(rep.Illegal), "steps", 0))
	emit(atMost("commands carried out twice", float64(rep.Twice), "commands", 0))
	emit(atMost("threads about which the two ends disagree", float64(rep.Diverged), "threads", 0))
	return nil
}
