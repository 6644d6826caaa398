package bench

import "context"

// exchangeArea measures what passes between two nodes.
func exchangeArea(ctx context.Context, o *Options, emit func(Measure)) error {
	for _, measure := range []func(context.Context, *Options, func(Measure)) error{exchangeBlob} {
		if err := measure(ctx, o, emit); err != nil {
			return err
		}
	}
	return nil
}
