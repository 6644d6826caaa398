package handover

// Report is what [Check] saw. All but Steps, Threads, Crashes and Moves are
// faults.
type Report struct {
	Steps, Threads, Crashes int
	Moves                   int // how many of the table's steps were seen

	Nobody    int // moments in which nobody answered for the child
	TwoClerks int // states that somebody other than the receiver wrote
	Illegal   int // steps taken that the table does not have
	Twice     int // commands carried out twice
	Diverged  int // threads about which the two ends ended up with different minds
}

// Faults is how often something happened that must never happen.
func (r *Report) Faults() int { return r.Nobody + r.TwoClerks + r.Illegal + r.Twice + r.Diverged }

// threadSteps is how long one thread of the check is shaken.
const threadSteps = 200

// Check lets two ends hand children over, at random, over a line that loses,
// doubles and reorders messages, while either end crashes and forgets whatever it
// had not stored; and looks after each step whether somebody answers for the
// child. The same seed gives the same walk.
func Check(seed uint64, steps int) Report { return check(seed, steps, flaws{}) }

// flaws are mistakes of a design, for the test that shows that the check finds
// them.
type flaws struct {
	dropAtAccept bool // the sender lets go when the receiver accepts
	noDedupe     bool // the receiver does a command each time it arrives
	senderWrites bool // the sender moves the state by itself
}

// command is what the sender asks of the receiver, each once.
type command struct {
	n     int
	event Event
}

// status is an answer of the receiver: the thread after it, and which command it
// answers.
type status struct {
	rev    int
	answer int // 0: no command
	thread Thread
}

// ends are the two ends of one thread, with the line between them. What is stored
// survives a crash; what is on the line does not.
type ends struct {
	rnd   func(int) int
	flaws flaws
	seen  map[step]bool
	rep   *Report

	// stored by the receiver
	clerk    Thread
	statuses []status
	done     map[int]bool

	// stored by the sender
	held   []status // gapless
	mirror Thread
	outbox []command // one at a time: unanswered
	asked  int

	toReceiver []command
	toSender   []status
}

func check(seed uint64, steps int, f flaws) Report {
	var rep Report
	rnd := walk(seed)
	seen := map[step]bool{}
	for rep.Steps < steps {
		kind := Referral
		if rnd(2) == 0 {
			kind = Transfer
		}
		e := &ends{rnd: rnd, flaws: f, seen: seen, rep: &rep, clerk: Thread{Kind: kind}, mirror: Thread{Kind: kind}, done: map[int]bool{}}
		rep.Threads++
		for range threadSteps {
			e.step()
			e.look()
			rep.Steps++
		}
		e.settle()
		e.look()
		if e.mirror != e.clerk {
			rep.Diverged++
		}
	}
	rep.Moves = len(seen)
	return rep
}

// walk returns a source of numbers that are hard to foresee and easy to repeat
// (splitmix64).
func walk(seed uint64) func(int) int {
	return func(n int) int {
		seed += 0x9e3779b97f4a7c15
		z := (seed ^ seed>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return int((z ^ z>>31) >> 33 % uint64(n))
	}
}

// step does one thing at random.
func (e *ends) step() {
	switch e.rnd(16) {
	case 0, 1, 2:
		e.ask(e.pick(e.mirror, Sender))
	case 3:
		e.take(e.pick(e.clerk, Receiver), Receiver, 0)
	case 4:
		if e.rnd(4) == 0 {
			e.take(e.pick(e.clerk, Clock), Clock, 0)
		}
	case 5, 6, 7:
		e.resend()
	case 8, 9, 10:
		e.arrive()
	case 11, 12, 13, 14:
		e.answer()
	default:
		if e.rnd(4) == 0 { // either end crashes, and the line with it
			e.toReceiver, e.toSender = nil, nil
			e.rep.Crashes++
		}
	}
}

// pick returns what a party does next: mostly what it may, seldom what ends all,
// sometimes anything.
func (e *ends) pick(t Thread, by Party) Event {
	events := May(t.State, by, t.Kind)
	if len(events) == 0 || e.rnd(8) == 0 {
		events = Events()
	}
	event := events[e.rnd(len(events))]
	if to, err := Next(t.State, event, by, t.Kind); err == nil && to.Final() && e.rnd(4) > 0 {
		return events[e.rnd(len(events))]
	}
	return event
}

// ask stores a command of the sender; one waits for its answer at a time.
func (e *ends) ask(event Event) {
	if _, err := e.mirror.Step(event, Sender); err != nil || len(e.outbox) > 0 {
		return
	}
	e.asked++
	e.outbox = append(e.outbox, command{e.asked, event})
	if e.flaws.senderWrites {
		e.mirror, _ = e.mirror.Step(event, Sender) // legal: asked above
	}
}

// resend puts everything unanswered, and everything unheard, on the line again.
func (e *ends) resend() {
	e.toReceiver = append(e.toReceiver, e.outbox...)
	e.toSender = append(e.toSender, e.statuses[len(e.held):]...)
}

// take moves the state at the receiver, who alone writes it, in one step with the
// answer.
func (e *ends) take(event Event, by Party, answers int) {
	from := e.clerk.State
	to, err := e.clerk.Step(event, by)
	if err != nil && answers == 0 {
		return
	}
	if err == nil {
		if m, ok := moves[step{from, event}]; !ok || m.to != to.State {
			e.rep.Illegal++
		}
		e.seen[step{from, event}] = true
	}
	e.clerk = to
	e.statuses = append(e.statuses, status{len(e.statuses) + 1, answers, to})
}

// arrive gives the receiver a command from the line: any of them, or twice, or
// never.
func (e *ends) arrive() {
	if len(e.toReceiver) == 0 {
		return
	}
	i := e.rnd(len(e.toReceiver))
	c := e.toReceiver[i]
	if e.rnd(3) > 0 {
		e.toReceiver = append(e.toReceiver[:i:i], e.toReceiver[i+1:]...)
	}
	if e.rnd(3) == 0 { // lost
		return
	}
	if e.done[c.n] && !e.flaws.noDedupe {
		return
	}
	if e.done[c.n] {
		e.rep.Twice++
	}
	e.done[c.n] = true
	e.take(c.event, Sender, c.n)
}

// answer gives the sender a status from the line; only the next one in order is
// stored.
func (e *ends) answer() {
	if len(e.toSender) == 0 {
		return
	}
	i := e.rnd(len(e.toSender))
	s := e.toSender[i]
	if e.rnd(3) > 0 {
		e.toSender = append(e.toSender[:i:i], e.toSender[i+1:]...)
	}
	if e.rnd(3) > 0 {
		e.hold(s)
	}
}

// hold stores a status at the sender.
func (e *ends) hold(s status) {
	if s.rev != len(e.held)+1 {
		return
	}
	e.held, e.mirror = append(e.held, s), s.thread
	if len(e.outbox) > 0 && e.outbox[0].n == s.answer {
		e.outbox = nil
	}
}

// look asks who answers for the child now: the sender by what it holds, the
// receiver by what it wrote.
func (e *ends) look() {
	sender := e.mirror.Responsible() == Sender
	if e.flaws.dropAtAccept && e.mirror.Kind == Transfer && e.mirror.Accepted {
		sender = false
	}
	if !sender && e.clerk.Responsible() != Receiver {
		e.rep.Nobody++
	}
	if n := len(e.held); n > 0 && e.mirror != e.statuses[n-1].thread || n == 0 && e.mirror.State != None {
		e.rep.TwoClerks++
	}
}

// settle lets the line work until everything was answered and heard.
func (e *ends) settle() {
	for len(e.outbox) > 0 || len(e.held) < len(e.statuses) {
		for _, c := range e.outbox {
			if !e.done[c.n] {
				e.done[c.n] = true
				e.take(c.event, Sender, c.n)
			}
		}
		for _, s := range e.statuses[len(e.held):] {
			e.hold(s)
		}
	}
}
