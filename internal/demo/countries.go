package demo

import (
	"context"
	"fmt"
	"net"
	"strings"

	"golang.org/x/sync/errgroup"

	"causeway/internal/access"
	"causeway/internal/node"
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
	children   int
	focal      partner
}

// countries are the two that the main node's children come from and go to. Their own
// children are few: what there is to see is what passes between nodes.
var countries = []country{
	{"XB", "XB-demo", 24, partner{
		agency: "الآلية الوطنية للإحالة", sector: "coordination", mandate: "تقرر وجهة الحالات وتخاطب الدول الأخرى", unit: "نقطة الاتصال الوطنية",
		signIn: "salma.haddar", name: "سلمى الهدّار", role: access.RoleFocalPoint, language: "ar",
	}},
	{"XC", "XC-demo", 24, partner{
		agency: "Mécanisme national d'orientation", sector: "coordination", mandate: "Oriente les cas et correspond avec l'étranger", unit: "Point focal national",
		signIn: "odile.varenne", name: "Odile Varenne", role: access.RoleFocalPoint, language: "fr",
	}},
}

// Nodes is how many nodes the whole demo has.
var Nodes = 1 + len(countries)

// StartAll opens the demo's nodes, or makes them: the main one in dir, on the first
// listener, those of the two countries beside it. Where one fails, all are closed.
func StartAll(ctx context.Context, dir string, lns []net.Listener, children int, progress func(percent int)) ([]Site, error) {
	sites := make([]Site, len(lns))
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		sites[0], err = Start(gctx, dir, lns[0], children, progress)
		return err
	})
	for i, c := range countries[:len(lns)-1] {
		g.Go(func() (err error) {
			code := strings.ToLower(c.code)
			sites[i+1], err = start(gctx, dir+"-"+code, code+".localhost", lns[i+1], func(dir, origin, listen string) (*node.Node, []Login, error) {
				return makeCountry(gctx, dir, origin, listen, c, min(c.children, children))
			})
			return err
		})
	}
	err := g.Wait()
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

// makeCountry makes the node of an office of one country.
func makeCountry(ctx context.Context, dir, origin, listen string, c country, children int) (*node.Node, []Login, error) {
	t, err := begin(ctx, dir, node.Config{Name: c.node, Origin: origin, Listen: listen}, c.code, 0)
	if err != nil {
		return nil, nil, err
	}
	logins, err := t.office(ctx, c, children)
	if err != nil {
		err = fmt.Errorf("invent the office of %s: %w", c.code, err)
	}
	return t.n, logins, err
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
	_, focal, err := t.joined(ctx, []*partner{&c.focal})
	if err != nil {
		return nil, err
	}
	if err := t.services(ctx, false); err != nil {
		return nil, err
	}
	return append(logins, focal...), t.arrive(ctx)
}
