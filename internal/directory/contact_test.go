package directory_test

import (
	"bytes"
	"encoding/csv"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/directory"
	"causeway/internal/fault"
)

// river is an invented office abroad.
func river() directory.Contact {
	return directory.Contact{
		Country: "XB", Authority: "Ministry of the River", Office: "Office for children", Phone: "+999 55 0202", Channel: "Sealed post",
		Languages: []string{"ar", "fr"}, Hours: "Weekdays 8 to 16", For: "Family tracing",
	}
}

// TestContacts: the focal point keeps the contacts abroad, whoever may refer reads them,
// and nobody else.
func TestContacts(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		focal, worker := o.Person(access.RoleFocalPoint, o.Head), o.Person(access.RoleCaseWorker, o.North)
		ok(t, o.room.SaveContact(ctx, focal, command(), river()))
		got, err := o.room.Contacts(ctx, worker)
		ok(t, err)
		if len(got.List) != 1 || got.MayEdit || got.List[0].Stale || got.List[0].ConfirmedBy != focal.Staff() || got.List[0].Channel != "Sealed post" {
			t.Fatalf("contacts: %+v", got)
		}
		if err := o.room.SaveContact(ctx, focal, command(), river()); fault.FieldsOf(err) == nil {
			t.Errorf("the same office twice: %v", err)
		}
		o.Clock.Advance(181 * 24 * time.Hour)
		if got, err = o.room.Contacts(ctx, o.Person(access.RoleSupervisor, o.North)); err != nil || !got.List[0].Stale {
			t.Errorf("after half a year: %+v, %v, want it stale", got, err)
		}
		focal = o.Person(access.RoleFocalPoint, o.Head)
		next := *got.List[0]
		next.Phone = "+999 55 0203"
		ok(t, o.room.SaveContact(ctx, focal, command(), next))
		is(t, "an old page", o.room.SaveContact(ctx, focal, command(), next), fault.Conflict)
		if got, err = o.room.Contacts(ctx, focal); err != nil || got.List[0].Stale || got.List[0].Phone != "+999 55 0203" || !got.MayEdit {
			t.Errorf("confirmed again: %+v, %v", got, err)
		}
		next = *got.List[0]
		next.Ended = true
		ok(t, o.room.SaveContact(ctx, focal, command(), next))
		if got, err = o.room.Contacts(ctx, focal); err != nil || len(got.List) != 0 {
			t.Errorf("one that ended: %+v, %v", got, err)
		}
		for _, role := range []string{access.RoleCaseWorker, access.RoleSupervisor, access.RoleNodeOperator, access.RoleProvider, access.RoleInvestigator} {
			is(t, role+" changing one", o.room.SaveContact(ctx, o.Person(role, o.North), command(), river()), fault.NotFound)
			_, _, err := o.room.ExportContacts(ctx, o.Person(role, o.North))
			is(t, role+" taking them out", err, fault.NotFound)
		}
		for _, role := range []string{access.RoleNodeOperator, access.RoleProvider, access.RoleInvestigator, access.RoleCoordinator} {
			_, err := o.room.Contacts(ctx, o.Person(role, o.North))
			is(t, role+" reading", err, fault.NotFound)
		}
	})
}

// TestContactsComeAndGoAsAFile: what was taken out comes in again, and a wrong row keeps
// all out.
func TestContactsComeAndGoAsAFile(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		focal := o.Person(access.RoleFocalPoint, o.Head)
		ok(t, o.room.SaveContact(ctx, focal, command(), river()))
		list, entry, err := o.room.ExportContacts(ctx, focal)
		ok(t, err)
		if len(list) != 1 || entry.IsZero() {
			t.Fatalf("taken out: %d", len(list))
		}
		second := river()
		second.Office, second.ConfirmedAt = "Border office", o.Clock.Now()
		var file bytes.Buffer
		w := csv.NewWriter(&file)
		ok(t, w.WriteAll([][]string{directory.ContactColumns(), list[0].Cells(), second.Cells()}))
		in, err := o.room.ReadContacts(&file)
		ok(t, err)
		ok(t, o.room.TakeContacts(ctx, focal, command(), in))
		if got, err := o.room.Contacts(ctx, focal); err != nil || len(got.List) != 2 || got.List[1].Version != 2 {
			t.Errorf("taken in again: %+v, %v", got, err)
		}
		for what, text := range map[string]string{
			"a country that is none": "country,authority,office,phone,for\nQQ,A,B,1,C\n",
			"an unknown column":      "country,color\nXB,red\n",
			"no way to reach it":     "country,authority,office,for\nXB,A,B,C\n",
			"an office twice":        "country,authority,office,phone,for\nXB,A,B,1,C\nXB,A,B,1,C\n",
			"nothing":                "country\n",
		} {
			_, err := o.room.ReadContacts(bytes.NewBufferString(text))
			is(t, what, err, fault.Invalid)
		}
	})
}
