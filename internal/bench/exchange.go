package bench

import (
	"context"

	"causeway/protocol/delivery/model"
)

// exchangeArea measures what passes between two nodes.
func exchangeArea(ctx context.Context, o *Options, emit func(Measure)) error {
	if o.Line != nil {
		return exchangeLine(ctx, o, emit)
	}
	for _, measure := range []func(context.Context, *Options, func(Measure)) error{
		exchangeRate, exchangeDrain, exchangeBlob, exchangeModel,
	} {
		if err := measure(ctx, o, emit); err != nil {
			return err
		}
	}
	return nil
}

// modelSeeds is over how many seeds the runs are spread: one may miss for ever what another finds.
const modelSeeds = 8

// exchangeModel shakes delivery as it is shipped.
func exchangeModel(_ context.Context, o *Options, emit func(Measure)) error {
	runs := o.Model
	if runs == 0 {
		runs = pick(o, 100_000, 10_000)
	}
	o.say("model: %d runs", runs)
	r := model.Seeds(modelSeeds, runs)
	emit(scale("runs of the model of delivery", float64(r.Runs), "runs"))
	emit(scale("kills of a node among them", float64(r.Crashes), "kills"))
	emit(scale("restores among them", float64(r.Restores), "restores"))
	for _, f := range []struct {
		name  string
		count int
	}{
		{"threads about which the two ends disagree", r.Diverged},
		{"acts of people that are nowhere", r.Lost},
		{"commands carried out or answered twice", r.Doubled},
		{"moments in which nobody answered for the child", r.Nobody},
		{"other faults", r.Faults() - r.Diverged - r.Lost - r.Doubled - r.Nobody},
	} {
		emit(atMost("model of delivery: "+f.name, float64(f.count), "faults", 0))
	}
	return nil
}
