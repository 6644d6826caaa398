package staff

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

// Group is a named set of staff across units and agencies, such as "Night duty". It
// grants nothing: it helps to find people and to ask them at once.
type Group struct {
	ID      ident.Group
	Name    string
	Members []GroupMember // in the order in which they came
	Version int64

	created int64
}

// GroupMember is somebody in a group.
type GroupMember struct {
	Staff ident.Staff
	Since time.Time

	group ident.Group
}

// Has reports whether somebody is in the group.
func (g *Group) Has(who ident.Staff) bool {
	return slices.ContainsFunc(g.Members, func(m GroupMember) bool { return m.Staff == who })
}

const (
	tableGroup       = "staff_group"
	tableGroupMember = "staff_group_member"
	groupMost        = 200 // members of one group
)

// CreateGroup makes a group without members and returns its identifier. Groups are
// never removed: an empty one is offered nowhere.
func (o *Office) CreateGroup(ctx context.Context, tx *store.Tx, by By, name string) (ident.Group, error) {
	if err := o.check(ctx, tx, by); err != nil {
		return ident.Group{}, err
	}
	name, err := unitName("group_name", name)
	if err != nil {
		return ident.Group{}, err
	}
	g := Group{ID: ident.New[ident.Group](), Name: name, Version: 1, created: clock.Micros(tx.Now())}
	row := o.groupRow(&g)
	if _, err := tx.Exec(ctx, sqlInsertGroup, g.ID, g.Name, g.Version, g.created, row.MAC); err != nil {
		return g.ID, fmt.Errorf("make group: %w", err)
	}
	return g.ID, o.entered(ctx, tx, by.entry(journal.Create, "staff.group", row))
}

// RenameGroup changes the name of a group, which must still have its version: otherwise
// Conflict.
func (o *Office) RenameGroup(ctx context.Context, tx *store.Tx, by By, id ident.Group, version int64, name string) error {
	if err := o.check(ctx, tx, by); err != nil {
		return err
	}
	g, err := o.group(ctx, tx, id)
	if err != nil {
		return err
	}
	if g.Name, err = unitName("group_name", name); err != nil {
		return err
	}
	g.Version = version + 1
	row := o.groupRow(&g)
	n, err := tx.Exec(ctx, sqlUpdateGroup, g.ID, version, g.Name, g.Version, row.MAC)
	if err == nil && n != 1 {
		err = fault.New(fault.Conflict, "changed-meanwhile")
	}
	if err != nil {
		return fmt.Errorf("rename group: %w", err)
	}
	return o.entered(ctx, tx, by.entry(journal.Configure, "staff.group", row))
}

// JoinGroup adds somebody with an account that is not shut to a group.
func (o *Office) JoinGroup(ctx context.Context, tx *store.Tx, by By, id ident.Group, who ident.Staff) error {
	if err := o.check(ctx, tx, by); err != nil {
		return err
	}
	if _, err := o.group(ctx, tx, id); err != nil {
		return err
	}
	switch a, err := o.account(ctx, tx, sqlSelectAccount, who); {
	case fault.Is(err, fault.NotFound), err == nil && a.State == Disabled:
		return fault.InvalidField("group_member", "unknown")
	case err != nil:
		return err
	}
	members, err := o.groupMembers(ctx, tx)
	if err != nil {
		return err
	}
	members = slices.DeleteFunc(members, func(m GroupMember) bool { return m.group != id })
	switch {
	case slices.ContainsFunc(members, func(m GroupMember) bool { return m.Staff == who }):
		return fault.InvalidField("group_member", "there-already")
	case len(members) >= groupMost:
		return fault.InvalidField("group_member", "too-many")
	}
	m := GroupMember{Staff: who, Since: tx.Now(), group: id}
	row := o.memberRow(&m)
	if _, err := tx.Exec(ctx, sqlInsertGroupMember, id, who, clock.Micros(m.Since), row.MAC); err != nil {
		return fmt.Errorf("join group: %w", err)
	}
	return o.entered(ctx, tx, by.entry(journal.Configure, "staff.groupmember", row))
}

// QuitGroup takes somebody out of a group.
func (o *Office) QuitGroup(ctx context.Context, tx *store.Tx, by By, id ident.Group, who ident.Staff) error {
	if err := o.check(ctx, tx, by); err != nil {
		return err
	}
	n, err := o.quit(ctx, tx, by, func(m GroupMember) bool { return m.group == id && m.Staff == who })
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "changed-meanwhile")
	}
	if err != nil {
		return err
	}
	return o.changed(ctx, tx)
}

// quit takes some members out of their groups, each with an entry, and returns how many.
func (o *Office) quit(ctx context.Context, tx *store.Tx, by By, which func(GroupMember) bool) (n int, err error) {
	members, err := o.groupMembers(ctx, tx)
	if err != nil {
		return 0, err
	}
	for i := range members {
		m := &members[i]
		if !which(*m) {
			continue
		}
		if _, err := tx.Exec(ctx, sqlDeleteGroupMember, m.group, m.Staff); err != nil {
			return n, fmt.Errorf("quit group: %w", err)
		}
		if _, err := o.journal.Append(ctx, tx, by.entry(journal.Configure, "staff.groupmember", gone(tableGroupMember, m.key()))); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// entered appends an entry and notes that the directory changed.
func (o *Office) entered(ctx context.Context, tx *store.Tx, e journal.Entry) error {
	if _, err := o.journal.Append(ctx, tx, e); err != nil {
		return err
	}
	return o.changed(ctx, tx)
}

func (m *GroupMember) key() []byte {
	return append(append(append([]byte(nil), m.group[:]...), m.Staff[:]...), number(clock.Micros(m.Since))...)
}

// groupRow and memberRow name them in a journal entry.
func (o *Office) groupRow(g *Group) journal.RowState {
	return journal.RowState{
		Table: tableGroup, Row: g.ID[:], Version: g.Version,
		MAC: o.rowMAC(tableGroup, g.ID[:], g.Version, []byte(g.Name), number(g.created)),
	}
}

func (o *Office) memberRow(m *GroupMember) journal.RowState {
	return journal.RowState{Table: tableGroupMember, Row: m.key(), Version: 1, MAC: o.rowMAC(tableGroupMember, m.key(), 1)}
}

func (o *Office) group(ctx context.Context, tx *store.Tx, id ident.Group) (Group, error) {
	g, err := o.scanGroup(tx.QueryRow(ctx, sqlSelectGroup, id))
	if fault.Is(err, fault.NotFound) {
		return g, fault.New(fault.NotFound, "no-such-page")
	}
	return g, err
}

// groups returns every group with its members, by name.
func (o *Office) groups(ctx context.Context, tx *store.Tx) ([]Group, error) {
	rows, err := tx.Query(ctx, sqlSelectGroups)
	all, err := collect(rows, err, o.scanGroup)
	if err != nil {
		return nil, fmt.Errorf("read groups: %w", err)
	}
	members, err := o.groupMembers(ctx, tx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		for _, m := range members {
			if m.group == all[i].ID {
				all[i].Members = append(all[i].Members, m)
			}
		}
	}
	return all, nil
}

func (o *Office) groupMembers(ctx context.Context, tx *store.Tx) ([]GroupMember, error) {
	rows, err := tx.Query(ctx, sqlSelectGroupMembers)
	all, err := collect(rows, err, o.scanGroupMember)
	if err != nil {
		return nil, fmt.Errorf("read groups: %w", err)
	}
	return all, nil
}

func (o *Office) scanGroup(row scanner) (Group, error) {
	g, mac, err := scanGroupUnchecked(row)
	if err == nil && !equal(mac, o.groupRow(&g).MAC) {
		err = errAltered
	}
	return g, err
}

func scanGroupUnchecked(row scanner) (g Group, mac []byte, err error) {
	err = row.Scan(&g.ID, &g.Name, &g.Version, &g.created, &mac)
	return g, mac, err
}

func (o *Office) scanGroupMember(row scanner) (GroupMember, error) {
	m, mac, err := scanGroupMemberUnchecked(row)
	if err == nil && !equal(mac, o.memberRow(&m).MAC) {
		err = errAltered
	}
	return m, err
}

func scanGroupMemberUnchecked(row scanner) (m GroupMember, mac []byte, err error) {
	var since int64
	err = row.Scan(&m.group, &m.Staff, &since, &mac)
	m.Since = clock.FromMicros(since)
	return m, mac, err
}

// rebindGroups does for groups what Rebind does for accounts.
func (o *Office) rebindGroups(ctx context.Context, tx *store.Tx) error {
	rows, err := tx.Query(ctx, sqlSelectGroups)
	groups, err := collect(rows, err, func(row scanner) (Group, error) {
		g, _, err := scanGroupUnchecked(row)
		return g, err
	})
	if err != nil {
		return fmt.Errorf("read groups: %w", err)
	}
	for i := range groups {
		if _, err := tx.Exec(ctx, sqlRekeyGroup, groups[i].ID, o.groupRow(&groups[i]).MAC); err != nil {
			return fmt.Errorf("bind group: %w", err)
		}
	}
	rows, err = tx.Query(ctx, sqlSelectGroupMembers)
	members, err := collect(rows, err, func(row scanner) (GroupMember, error) {
		m, _, err := scanGroupMemberUnchecked(row)
		return m, err
	})
	if err != nil {
		return fmt.Errorf("read groups: %w", err)
	}
	for i := range members {
		if _, err := tx.Exec(ctx, sqlRekeyGroupMember, members[i].group, members[i].Staff, o.memberRow(&members[i]).MAC); err != nil {
			return fmt.Errorf("bind group: %w", err)
		}
	}
	return nil
}
