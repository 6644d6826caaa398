package handover

// Thread is where one handover stands, with what its state alone does not say.
// The zero Thread of a kind was not offered yet.
type Thread struct {
	Kind     Kind
	State    State
	Accepted bool // the receiver accepted it once
	Assumed  bool // the receiver assumed the case: only of a transfer, and for good
}

// Step returns the thread after an event of a party. An illegal step is
// [ErrIllegal], and the thread stays as it was.
func (t Thread) Step(event Event, by Party) (Thread, error) {
	to, err := Next(t.State, event, by, t.Kind)
	if err != nil {
		return t, err
	}
	t.State = to
	t.Accepted = t.Accepted || event == Accept
	t.Assumed = t.Assumed || event == Assume
	return t, nil
}

// Responsible returns who answers for the child: the sender, until the receiver
// of a transfer assumed the case. It is never nobody, and never both.
func (t Thread) Responsible() Party {
	if t.Kind == Transfer && t.Assumed {
		return Receiver
	}
	return Sender
}

// Opened reports whether the receiver may read what the offer carried: from the
// acceptance until it is withdrawn or was found to be a mistake.
func (t Thread) Opened() bool {
	return t.Accepted && t.State != Withdrawn && t.State != Retracted
}

// RecallLocks reports whether a recall shuts what was shared at once and by
// machine. Later, when somebody has begun to rest decisions on it, a recall is a
// task for a person: safety warnings, and facts a decision rests on, stay.
func (t Thread) RecallLocks() bool {
	if t.Kind == Transfer {
		return !t.Assumed
	}
	return !t.Accepted
}
