package demo

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"causeway/internal/access"
	"causeway/internal/fixture"
	"causeway/internal/node"
	"causeway/internal/staff"
	"causeway/protocol/identity"
)

// Site is one node of the demo: it is served on its own address, and a visitor can sign
// in as some of its people.
type Site struct {
	Node   *node.Node
	Logins []Login // none: the demo was made before, by a version that did not keep them
}

// country is what the demo tells of an office of one country.
type country struct {
	code, node string
	id         identity.NodeID
	children   int
	focal      partner
	taker      partner // works there too, and takes on what came
}

// countries are the two that the main node's children come from and go to. Their own
// children are few: what there is to see is what passes between nodes.
var countries = []country{
	{
		"XB", "XB-demo", "xb.ncpo", 24,
		partner{
			sector: staff.OwnSector, unit: "نقطة الاتصال الوطنية", signIn: "salma.haddar", name: "سلمى الهدّار",
			role: access.RoleFocalPoint, language: "ar",
		},
		partner{sector: staff.OwnSector, signIn: "jawad.sahli", name: "جواد السهلي", role: access.RoleCaseWorker, language: "ar"},
	},
	{
		"XC", "XC-demo", "xc.ope", 24,
		partner{
			sector: staff.OwnSector, unit: "Point focal national", signIn: "odile.varenne", name: "Odile Varenne",
			role: access.RoleFocalPoint, language: "fr",
		},
		partner{sector: staff.OwnSector, signIn: "luc.amarante", name: "Luc Amarante", role: access.RoleCaseWorker, language: "fr"},
	},
}

// Nodes is how many nodes the whole demo has.
var Nodes = 1 + len(countries)

// StartAll opens the demo's nodes, or makes them: the main one in dir, on the first
// listener, those of the two countries beside it. Where one fails, all are closed.
func StartAll(ctx context.Context, dir string, lns []net.Listener, children int, progress func(percent int)) ([]Site, error) {
	doors, err := freeDoors(lns)
	if err != nil {
		return nil, err
	}
	sites, tellers := make([]Site, len(lns)), make([]*teller, len(lns))
	g, gctx := errgroup.WithContext(ctx)
	begin := func(i int, dir, host string, create maker) {
		g.Go(func() (err error) {
			sites[i], tellers[i], err = start(gctx, place{dir: dir, door: doors[i]}, host, lns[i], create)
			return err
		})
	}
	begin(0, dir, "localhost", func(at place) (*teller, []Login, error) { return mainNode(gctx, at, children, progress) })
	for i, c := range countries[:len(lns)-1] {
		code := strings.ToLower(c.code)
		begin(i+1, dir+"-"+code, code+".localhost", func(at place) (*teller, []Login, error) {
			return countryNode(gctx, at, c, min(c.children, children))
		})
	}
	if err = g.Wait(); err == nil {
		err = together(ctx, sites, tellers)
	}
	if err == nil {
		return sites, nil
	}
	for _, s := range sites {
		if s.Node != nil {
			_ = s.Node.Close() // the first failure is told
		}
	}
	return nil, err
}

// together tells what is between the nodes that were just made, and ends the telling.
func together(ctx context.Context, sites []Site, all []*teller) error {
	made := slices.DeleteFunc(slices.Clone(all), func(t *teller) bool { return t == nil })
	if len(made) == Nodes { // otherwise they were paired before, or one is alone
		if err := pairAll(ctx, made); err != nil {
			return err
		}
		if err := crossed(ctx, made); err != nil {
			return fmt.Errorf("tell of children abroad: %w", err)
		}
	}
	for _, t := range made {
		if err := t.arrive(ctx); err != nil {
			return err
		}
	}
	if len(made) < Nodes {
		return nil
	}
	return witnessed(ctx, sites, made)
}

// freeDoors returns for each node an address at which other nodes will reach it, none
// where there is one node only.
func freeDoors(lns []net.Listener) ([]string, error) {
	doors := make([]string, len(lns))
	for i := range lns {
		if len(lns) == 1 {
			break
		}
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer ln.Close() // once all are known, so that no two are the same
		doors[i] = ln.Addr().String()
	}
	return doors, nil
}

// countryNode makes the node of an office of one country.
func countryNode(ctx context.Context, at place, c country, children int) (*teller, []Login, error) {
	t, err := begin(ctx, at.dir, at.config(c.node, c.id), c.code, fixture.FewestStaff+1)
	if err != nil {
		return nil, nil, err
	}
	logins, err := t.office(ctx, c, children)
	if err != nil {
		err = fmt.Errorf("invent the office of %s: %w", c.code, err)
	}
	return t, logins, err
}

// office tells what there is to tell of an office of one country.
func (t *teller) office(ctx context.Context, c country, children int) ([]Login, error) {
	logins, err := t.organisation(ctx)
	if err != nil {
		return nil, err
	}
	if err := t.services(ctx, true); err != nil {
		return nil, err
	}
	if _, err := t.stories(ctx, children, nil); err != nil {
		return nil, err
	}
	focal, taker := c.focal, c.taker
	_, more, err := t.joined(ctx, []*partner{&focal})
	if err != nil {
		return nil, err
	}
	taker.at, taker.unit, t.taker = focal.at, focal.unit, &taker
	also, err := t.hire(ctx, &taker)
	if err != nil {
		return nil, err
	}
	also.Abroad = true
	if err := t.services(ctx, false); err != nil {
		return nil, err
	}
	return append(append(logins, more...), also), nil
}
