package access

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"causeway/internal/ident"
)

// Alarms about volume. Each instance counts in memory what a person opens, searches,
// takes out and is refused. Every half minute the counts are added to access_volume,
// and what counts as too much for each person is read anew from there. Going beyond
// it raises an alarm at once; from then on the person reads nothing until they have
// proved again that it is them. Nothing else is kept from them.

// kindOfVolume is what is counted.
type kindOfVolume int

const (
	volumeOpens kindOfVolume = iota
	volumeSearches
	volumeExports
	volumeDenials
	volumeKinds // how many there are
)

var volumeNames = [volumeKinds]string{"open", "search", "export", "denial"}

// volumeOf says as what an action counts.
var volumeOf = map[string]kindOfVolume{
	"case.open": volumeOpens, "case.search": volumeSearches, "case.list": volumeSearches,
	"case.print": volumeExports, "case.export": volumeExports, "case.exportplain": volumeExports, "document.open": volumeExports,
	"journal.export": volumeExports,
}

// doubted are the actions that wait for a fresh check after an alarm: those that
// read or take out. Registering, checks, notes, emergencies and break-glass are not
// among them, nor is what somebody opened by break-glass.
var doubted = map[string]bool{
	"case.open": true, "case.list": true, "case.search": true, "case.print": true, "case.export": true, "case.exportplain": true,
	"case.wholooked": true, "document.open": true, "document.read": true, "team.view": true, "journal.view": true, "journal.export": true,
	"glass.list": true,
}

// reasonVolume is the reason of an alarm and of the refusals that follow it.
const reasonVolume = "volume"

// VolumeLimits are the pack's numbers: what is never too much in a day, and how far
// beyond the usual is.
type VolumeLimits struct {
	Opens, Searches, Exports, Denials int // in a day
	Times                             int // a day holds at most so many times the median, or the caseload
	HourShare                         int // an hour holds at most one in so many of what a day holds
}

type volumeCounts [volumeKinds]int64

// volumes is what this instance knows of everybody's volume.
type volumes struct {
	mu     sync.Mutex // guards all below
	limits VolumeLimits
	people map[ident.Staff]*volumeOfOne
}

// volumeOfOne is what is known of one person.
type volumeOfOne struct {
	hour     int64        // the counts below are of this hour
	now      volumeCounts // counted here and not stored yet
	before   volumeCounts // stored of this hour, by all instances
	earlier  volumeCounts // stored of this day's hours before
	median   volumeCounts // of the person's days before
	caseload int64

	alarmed [volumeKinds]int64 // the day of the last alarm of each kind
	doubt   time.Time          // since when the person is asked for a fresh check
}

// Measure sets the limits of volume; without it, nothing is too much. It is called
// once, before the gate is used.
func (g *Gate) Measure(l VolumeLimits) {
	g.volumes.limits, g.volumes.people = l, map[ident.Staff]*volumeOfOne{}
}

const hoursOfDay = 24

func hourOf(t time.Time) int64 { return t.Unix() / 3600 }

// of returns what is known of somebody in this hour. The volumes are locked.
func (v *volumes) of(who ident.Staff, hour int64) *volumeOfOne {
	one := v.people[who]
	if one == nil {
		one = &volumeOfOne{hour: hour}
		v.people[who] = one
	}
	if one.hour != hour {
		if one.hour/hoursOfDay == hour/hoursOfDay {
			for k := range one.earlier {
				one.earlier[k] += one.before[k]
			}
		} else {
			one.earlier = volumeCounts{}
		}
		// What was counted and not stored is stored as of the new hour: seconds late.
		one.hour, one.before = hour, volumeCounts{}
	}
	return one
}

// least returns what is never too much of a kind in a day.
func (l *VolumeLimits) least(k kindOfVolume) int64 {
	return int64([volumeKinds]int{l.Opens, l.Searches, l.Exports, l.Denials}[k])
}

// bound returns how much of a kind one person's day may hold.
func (l *VolumeLimits) bound(k kindOfVolume, one *volumeOfOne) int64 {
	usual := one.median[k]
	if k == volumeOpens {
		usual = max(usual, one.caseload)
	}
	return max(l.least(k), int64(l.Times)*usual)
}

// add counts once, and returns the alarm that this raises, nil for none.
func (v *volumes) add(who ident.Staff, k kindOfVolume, now time.Time) *Alarm {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.people == nil || who.IsZero() {
		return nil
	}
	hour := hourOf(now)
	one := v.of(who, hour)
	one.now[k]++
	day := v.limits.bound(k, one)
	inHour := one.before[k] + one.now[k]
	a := &Alarm{
		Staff: who, Kind: volumeNames[k], Span: "hour", At: now, Counted: inHour, Bound: max(1, day/int64(max(1, v.limits.HourShare))),
		Median: one.median[k], Caseload: one.caseload,
	}
	if a.Counted <= a.Bound {
		a.Span, a.Counted, a.Bound = "day", one.earlier[k]+inHour, day
	}
	today := hour / hoursOfDay
	if a.Counted <= a.Bound || one.alarmed[k] == today {
		return nil
	}
	one.alarmed[k], one.doubt = today, now
	return a
}

// doubts reports whether somebody who proved at fresh that it is them must do so
// again before they read on.
func (v *volumes) doubts(who ident.Staff, fresh time.Time) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	one := v.people[who]
	return one != nil && !one.doubt.IsZero() && !fresh.After(one.doubt)
}

// doubt takes note of an alarm that another instance raised, or this one before it
// was started.
func (v *volumes) note(a *Alarm) {
	v.mu.Lock()
	defer v.mu.Unlock()
	one := v.of(a.Staff, hourOf(a.At))
	if a.At.After(one.doubt) {
		one.doubt = a.At
	}
	if k := kindOfVolume(slices.Index(volumeNames[:], a.Kind)); k >= 0 {
		one.alarmed[k] = max(one.alarmed[k], hourOf(a.At)/hoursOfDay)
	}
}

// take returns what was counted and is to be stored, and counts it as stored; it
// forgets who was not seen for a day.
func (v *volumes) take(now time.Time) map[ident.Staff]volumeCounts {
	v.mu.Lock()
	defer v.mu.Unlock()
	out := map[ident.Staff]volumeCounts{}
	hour := hourOf(now)
	maps.DeleteFunc(v.people, func(_ ident.Staff, one *volumeOfOne) bool {
		return hour-one.hour > hoursOfDay && one.now == volumeCounts{}
	})
	for who, one := range v.people {
		if one.now != (volumeCounts{}) {
			v.of(who, hour)
			out[who] = one.now
			one.before, one.now = one.before.plus(one.now), volumeCounts{}
		}
	}
	return out
}

// untake gives back what could not be stored.
func (v *volumes) untake(taken map[ident.Staff]volumeCounts) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for who, n := range taken {
		if one := v.people[who]; one != nil {
			one.now = one.now.plus(n)
			for k := range one.before {
				one.before[k] = max(0, one.before[k]-n[k])
			}
		}
	}
}

func (c volumeCounts) plus(d volumeCounts) volumeCounts {
	for k := range c {
		c[k] += d[k]
	}
	return c
}

// count counts what somebody did, and raises the alarm that it leads to. An alarm
// that cannot be written is written nowhere, but asks for the fresh check all the same.
func (g *Gate) count(ctx context.Context, c *Caller, k kindOfVolume) {
	if c.job != "" {
		return
	}
	if a := g.volumes.add(c.staff, k, g.clk.Now()); a != nil {
		g.raise(ctx, c, a)
	}
}

// counted is [Gate.count] of an action that was permitted.
func (g *Gate) counted(ctx context.Context, c *Caller, action string) {
	if k, ok := volumeOf[action]; ok {
		g.count(ctx, c, k)
	}
}
