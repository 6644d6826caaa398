package access

import (
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// Alarm is one time that somebody went far beyond what is usual for them.
type Alarm struct {
	ID       ident.Alarm
	Staff    ident.Staff
	Kind     string // "open", "search", "export" or "denial"
	Span     string // within an "hour" or a "day"
	At       time.Time
	Counted  int64 // how much there was when it was raised
	Bound    int64 // how much there may be
	Median   int64 // of the person's days before
	Caseload int64
	Settled  time.Time // zero: nobody has said yet what was found
	By       ident.Staff
	Outcome  string // code list alarm_outcome
}

// tellVolume is what people are told of an alarm.
const tellVolume = "volume"

// raise writes an alarm, its entry, and word to whoever supervises the person and
// oversees the work, in one transaction.
func (g *Gate) raise(ctx context.Context, c *Caller, a *Alarm) {
	a.ID = ident.New[ident.Alarm]()
	e := g.entry(c, Act{Action: "volume.alarm", Purpose: PurposeOversight}, "", journal.Denied, reasonVolume)
	e.Count = a.Counted
	err := g.db.Write(ctx, func(tx *store.Tx) error {
		entry, err := g.journal.Append(ctx, tx, e)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, sqlInsertAlarm, a.ID, a.At.UnixMicro(), a.Staff, a.Kind, a.Span, a.Counted, a.Bound, a.Median, a.Caseload)
		if err != nil {
			return fmt.Errorf("write alarm: %w", err)
		}
		return g.tellAll(ctx, tx, entry, []Told{{Kind: tellVolume, Above: a.Staff, Actor: a.Staff, Roles: []string{RoleAuditor, RoleOmbudsperson}}})
	})
	if err != nil {
		g.volumes.again(a) // the next count raises it; the fresh check is asked for meanwhile
	}
}

// again lets an alarm that was not written be raised once more.
func (v *volumes) again(a *Alarm) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if one, k := v.people[a.Staff], slices.Index(volumeNames[:], a.Kind); one != nil && k >= 0 {
		one.alarmed[k] = 0
	}
}

// PurposeOversight is the purpose of looking at how others used their rights.
const PurposeOversight = "oversight"

const (
	volumeDays = 28             // whose median is the usual
	volumeKept = 100            // days after which counts are forgotten
	doubtFor   = 24 * time.Hour // no session lasts longer
)

// KeepVolume stores what was counted, reads what is usual for whoever was active,
// and takes note of alarms of other instances. The housekeeping calls it.
func (g *Gate) KeepVolume(ctx context.Context) error {
	now := g.clk.Now()
	taken := g.volumes.take(now)
	people := make([]ident.Staff, 0, len(taken))
	for who := range taken {
		people = append(people, who)
	}
	slices.SortFunc(people, func(a, b ident.Staff) int { return slices.Compare(a[:], b[:]) })
	if len(people) > 0 {
		err := g.db.Write(ctx, func(tx *store.Tx) error {
			for _, who := range people {
				n := taken[who]
				if _, err := tx.Exec(ctx, sqlAddVolume, who, hourOf(now), n[0], n[1], n[2], n[3]); err != nil {
					return err
				}
			}
			_, err := tx.Exec(ctx, sqlPurgeVolume, hourOf(now)-volumeKept*hoursOfDay)
			return err
		})
		if err != nil {
			g.volumes.untake(taken)
			return fmt.Errorf("store volume: %w", err)
		}
	}
	return g.db.Read(ctx, func(tx *store.Tx) error {
		for _, who := range people {
			if err := g.measure(ctx, tx, who, now); err != nil {
				return fmt.Errorf("measure volume: %w", err)
			}
		}
		alarms, err := readAlarms(ctx, tx, sqlSelectAlarms, now.Add(-doubtFor).UnixMicro(), alarmsMost)
		for i := range alarms {
			g.volumes.note(&alarms[i])
		}
		return err
	})
}

// measure reads what is stored of one person: this hour, this day, and the usual.
func (g *Gate) measure(ctx context.Context, tx *store.Tx, who ident.Staff, now time.Time) error {
	hour := hourOf(now)
	today := hour / hoursOfDay
	rows, err := tx.Query(ctx, sqlSelectVolume, who, (today-volumeDays)*hoursOfDay)
	if err != nil {
		return err
	}
	defer rows.Close()
	var before, earlier volumeCounts
	days := map[int64]volumeCounts{}
	for rows.Next() {
		var h int64
		var n volumeCounts
		if err := rows.Scan(&h, &n[0], &n[1], &n[2], &n[3]); err != nil {
			return err
		}
		switch {
		case h == hour:
			before = n
		case h/hoursOfDay == today:
			earlier = earlier.plus(n)
		default:
			days[h/hoursOfDay] = days[h/hoursOfDay].plus(n)
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	var caseload int64
	if err := tx.QueryRow(ctx, sqlCountCaseload, who, now.UnixMicro()).Scan(&caseload); err != nil {
		return err
	}
	g.volumes.mu.Lock()
	defer g.volumes.mu.Unlock()
	if one := g.volumes.people[who]; one != nil && one.hour == hour {
		one.before, one.earlier, one.median, one.caseload = before, earlier, medians(days), caseload
	}
	return nil
}

// medianOf is how many days somebody must have been active before a median is one.
const medianOf = 3

// medians returns the median of each kind over days on which somebody did anything.
func medians(days map[int64]volumeCounts) (out volumeCounts) {
	if len(days) < medianOf {
		return out
	}
	for k := range out {
		var all []int64
		for _, n := range days {
			all = append(all, n[k])
		}
		slices.Sort(all)
		out[k] = all[len(all)/2]
	}
	return out
}

// alarmsMost is how many alarms a list names.
const alarmsMost = 200

func readAlarms(ctx context.Context, tx *store.Tx, query string, args ...any) (out []Alarm, err error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read alarms: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var a Alarm
		var at, settled int64
		if err := rows.Scan(&a.ID, &at, &a.Staff, &a.Kind, &a.Span, &a.Counted, &a.Bound, &a.Median, &a.Caseload, &settled, &a.By, &a.Outcome); err != nil {
			return nil, fmt.Errorf("read alarms: %w", err)
		}
		a.At = clock.FromMicros(at)
		if settled != 0 {
			a.Settled = clock.FromMicros(settled)
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

// Alarms returns the newest alarms: those about the people of their units for a
// supervisor, all for who oversees.
func (d *People) Alarms(ctx context.Context, c *Caller) (out []Alarm, err error) {
	err = d.gate.View(ctx, c, Act{Action: "volume.list", Purpose: PurposeOversight}, func(p *Pass) error {
		all, err := readAlarms(ctx, p.Tx(), sqlSelectAlarms, int64(0), alarmsMost)
		if err != nil {
			return err
		}
		out = nil
		for _, a := range all {
			mine, err := d.looksAfter(ctx, c, a.Staff)
			if err != nil {
				return err
			}
			if mine {
				out = append(out, a)
			}
		}
		return nil
	})
	return out, err
}

// looksAfter reports whether alarms about somebody concern the caller.
func (d *People) looksAfter(ctx context.Context, c *Caller, who ident.Staff) (bool, error) {
	if c.role != RoleSupervisor {
		return true, nil
	}
	dir, err := d.office.Directory(ctx)
	if err != nil {
		return false, err
	}
	account, known := dir.Person(who)
	for _, own := range c.Supervises() {
		if known && slices.Contains(dir.Below(own), account.Unit) {
			return true, nil
		}
	}
	return false, nil
}

// SettleAlarm says what was found about an alarm; nobody does about their own. One
// that was settled already is a Conflict; outcomes are checked by the door's pack.
func (d *People) SettleAlarm(ctx context.Context, c *Caller, cmd ident.Command, id ident.Alarm, outcome string) error {
	var a *Alarm
	err := d.gate.View(ctx, c, Act{Action: "volume.list", Purpose: PurposeOversight}, func(p *Pass) error {
		all, err := readAlarms(ctx, p.Tx(), sqlSelectAlarm, id)
		if err == nil && len(all) == 1 {
			a = &all[0]
		}
		return err
	})
	if err != nil {
		return err
	}
	act := Act{Action: "volume.settle", Purpose: PurposeOversight, Command: cmd}
	if a == nil {
		return d.gate.refuse(ctx, c, act, "no-such-alarm")
	}
	act.Staff = a.Staff
	mine, err := d.looksAfter(ctx, c, a.Staff)
	switch {
	case err != nil:
		return err
	case !mine:
		return d.gate.refuse(ctx, c, act, "floor-other-unit")
	}
	_, err = d.gate.Do(ctx, c, act, func(p *Pass) (string, error) {
		n, err := p.Tx().Exec(ctx, sqlSettleAlarm, id, p.Now().UnixMicro(), p.caller.staff, outcome)
		if err == nil && n != 1 {
			err = fault.New(fault.Conflict, "changed-meanwhile")
		}
		return "", err
	})
	return err
}
