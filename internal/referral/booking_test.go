package referral_test

import (
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/protocol/handover"
)

// wants is a booking that can stand.
func (o *town) wants() referral.NewBooking {
	return referral.NewBooking{To: o.South, Service: heron, Language: "ar", Booking: referral.Booking{
		Starts: o.Clock.Now().Add(72 * time.Hour), Minutes: 60, Mode: "in_person", Gender: "female", Excludes: referral.Excluded(),
		BookingBody: referral.BookingBody{Place: sealed.NewText("Room 3 of the office")},
	}}
}

func (o *town) books(t testing.TB, of ident.Case) referral.ThreadID {
	t.Helper()
	id, err := o.room.Book(ctx, o.again(o.amal), command(), of, o.wants())
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// signs accepts a booking, with the interpreter's undertaking.
func (o *town) signs(of ident.Case, id referral.ThreadID, yes bool) error {
	return o.room.Move(ctx, o.again(o.shelter), command(), of, id, referral.Answer{Event: handover.Accept, Undertaken: yes, Agency: sealed.NewText("Tongues for Children")})
}

func (o *town) unkept(t testing.TB, c *access.Caller) int {
	t.Helper()
	n, err := o.room.Unkept(ctx, o.again(c))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestBookingIsChecked: what is missing or cannot be is named.
func TestBookingIsChecked(t *testing.T) {
	each(t, func(t *testing.T, o *town) {
		of := o.child(t)
		for _, tt := range []struct {
			field, code string
			change      func(*referral.NewBooking)
		}{
			{"referral_unit", "required", func(b *referral.NewBooking) { b.To = ident.New[ident.Unit]() }},
			{"language", "required", func(b *referral.NewBooking) { b.Language = "" }},
			{"starts_at", "in-the-past", func(b *referral.NewBooking) { b.Starts = o.Clock.Now() }},
			{"booking_minutes", "required", func(b *referral.NewBooking) { b.Minutes = 5 }},
			{"booking_mode", "required", func(b *referral.NewBooking) { b.Mode = "letter" }},
			{"booking_gender", "required", func(b *referral.NewBooking) { b.Gender = "" }},
			{"booking_not", "not-in-list", func(b *referral.NewBooking) { b.Excludes = []string{"Ilara"} }},
			{"booking_place", "required", func(b *referral.NewBooking) { b.Place = sealed.Text{} }},
		} {
			b := o.wants()
			tt.change(&b)
			_, err := o.room.Book(ctx, o.again(o.amal), command(), of, b)
			wrong(t, tt.field, err, tt.field, tt.code)
		}
		_, err := o.room.Book(ctx, o.again(o.shelter), command(), of, o.wants())
		refused(t, "somebody who does not answer for the child books", err)
	})
}

// TestBookingOfAnInterpreter: the other side reads nothing of the child, at any time;
// nobody interprets without having signed.
func TestBookingOfAnInterpreter(t *testing.T) {
	each(t, func(t *testing.T, o *town) {
		of := o.child(t)
		id := o.books(t, of)
		bare := func() *referral.View {
			t.Helper()
			v := o.view(t, o.shelter, of, id)
			if v.Sex != "" || v.AgeBand != "" || v.Show != nil || v.Number != "" || v.Purpose != "" {
				t.Errorf("the other side reads of the child: %+v", v.Thread)
			}
			if v.Booking == nil || v.Booking.Place.IsZero() || v.Booking.Minutes != 60 {
				t.Fatalf("the booking: %+v", v.Booking)
			}
			return v
		}
		bare()
		wrong(t, "without a signature", o.signs(of, id, false), "booking_undertaken", "required")
		if err := o.signs(of, id, true); err != nil {
			t.Fatal(err)
		}
		if all, err := o.room.Arrivals(ctx, o.again(o.shelter)); err != nil || len(all) != 0 {
			t.Errorf("who booked an interpreter is expected as a child: %d, %v", len(all), err)
		}
		if v := bare(); !v.Booking.Undertaken || !v.Due.Equal(v.Booking.Ends()) {
			t.Errorf("accepted: %+v, due %v", v.Booking, v.Due)
		}
		v := o.view(t, o.amal, of, id)
		if last := v.Steps[len(v.Steps)-1]; last.Agency.IsZero() {
			t.Error("the sender does not read which agency signed")
		}
		o.must(t, o.shelter, of, id, handover.Complete)
		if v := o.view(t, o.amal, of, id); v.State != handover.Completed {
			t.Errorf("after it was done: %s", v.State)
		}
		o.must(t, o.amal, of, id, handover.Confirm)
		if n := o.unkept(t, o.amal); n != 0 {
			t.Errorf("%d alarms of an interpreter who came", n)
		}
		o.sound(t)
	})
}

// TestBookingAtAnotherTime: the time that is proposed counts once the sender agrees.
func TestBookingAtAnotherTime(t *testing.T) {
	each(t, func(t *testing.T, o *town) {
		of := o.child(t)
		id := o.books(t, of)
		later := o.Clock.Now().Add(96 * time.Hour)
		ask := func(at time.Time) error {
			return o.room.Move(ctx, o.again(o.shelter), command(), of, id, referral.Answer{Event: handover.AskInfo, At: at})
		}
		wrong(t, "a time that was", ask(o.Clock.Now()), "proposed_at", "in-the-past")
		if err := ask(later); err != nil {
			t.Fatal(err)
		}
		if v := o.view(t, o.amal, of, id); !v.Booking.Proposed.Equal(later) || v.Booking.Starts.Equal(later) {
			t.Errorf("proposed: %+v", v.Booking)
		}
		agree := referral.Answer{Event: handover.Info, Agrees: true}
		if err := o.room.Move(ctx, o.again(o.amal), command(), of, id, agree); err != nil {
			t.Fatal(err)
		}
		if v := o.view(t, o.shelter, of, id); !v.Booking.Starts.Equal(later) || !v.Booking.Proposed.IsZero() || v.State != handover.Offered {
			t.Errorf("agreed: %+v", v.Booking)
		}
		if err := o.room.Move(ctx, o.again(o.amal), command(), of, id, agree); !fault.Is(err, fault.Conflict) {
			t.Errorf("agreed twice: %v", err)
		}
		o.sound(t)
	})
}

// TestBookingFallsThrough: whoever booked has an alarm until they took note of it,
// whether the interpreter declines, does not come, or nobody answers in time.
func TestBookingFallsThrough(t *testing.T) {
	each(t, func(t *testing.T, o *town) {
		of := o.child(t)
		declined, gone, silent := o.books(t, of), o.books(t, of), o.books(t, of)
		o.must(t, o.shelter, of, declined, handover.Decline)
		if err := o.signs(of, gone, true); err != nil {
			t.Fatal(err)
		}
		o.must(t, o.shelter, of, gone, handover.HandBack)
		o.Clock.Advance(80 * time.Hour)
		if n, err := o.room.Expire(ctx); err != nil || n != 1 {
			t.Fatalf("the clock ended %d, %v, want the one nobody answered", n, err)
		}
		for who, want := range map[*access.Caller]int{o.amal: 3, o.boss: 3, o.shelter: 0} {
			if n := o.unkept(t, who); n != want {
				t.Errorf("%s has %d alarms, want %d", who.Role(), n, want)
			}
		}
		o.must(t, o.amal, of, declined, referral.Noted)
		o.must(t, o.amal, of, silent, referral.Noted)
		o.must(t, o.amal, of, gone, handover.Confirm)
		if n := o.unkept(t, o.amal); n != 0 {
			t.Errorf("%d alarms after they were taken note of", n)
		}
		o.sound(t)
	})
}
