package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"causeway/internal/demo"
	"causeway/internal/fault"
	"causeway/internal/node"

	"golang.org/x/sync/errgroup"
)

type demoCmd struct {
	Dir      string `help:"Directory of the demo; made if missing, shown again if it is a demo. The nodes of the two other countries lie beside it." type:"path"`
	Listen   string `help:"Address to listen on; loopback only unless you say otherwise. The other countries take the next ports." default:"127.0.0.1:8420"`
	Single   bool   `help:"One node only, without the two other countries."`
	Children int    `help:"How many invented children." default:"420" hidden:""`
}

// Run makes the demo and serves it.
func (c *demoCmd) Run(p *program) error {
	dir := c.Dir
	if dir == "" {
		tmp, err := os.MkdirTemp("", "causeway-demo-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		dir = filepath.Join(tmp, "node")
	}
	lns, err := c.listen()
	if err != nil {
		return err
	}
	start, made := time.Now(), false
	sites, err := demo.StartAll(p.ctx, dir, lns, c.Children, func(percent int) {
		made = true
		fmt.Fprintf(p.stderr, "\rinventing two years of work: %3d %%", percent)
	})
	if err != nil {
		closeAll(lns) // nothing was served on them
		return err
	}
	if made {
		p.note("\rinvented %d children in %s; everything here is made up          ", c.Children, time.Since(start).Round(100*time.Millisecond))
	}
	return serveAll(p, sites, lns)
}

// listen opens a listener for each node: on the address asked for, and on the ports that
// follow it.
func (c *demoCmd) listen() ([]net.Listener, error) {
	host, text, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return nil, fault.InvalidField("listen", "required")
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, fault.InvalidField("listen", "required")
	}
	many := demo.Nodes
	if c.Single {
		many = 1
	}
	var lns []net.Listener
	for i := range many {
		at := port
		if port != 0 { // 0 is any that is free
			at += i
		}
		ln, err := node.ListenFor(net.JoinHostPort(host, strconv.Itoa(at)))
		if err != nil {
			closeAll(lns)
			return nil, err
		}
		lns = append(lns, ln)
	}
	return lns, nil
}

func closeAll(lns []net.Listener) {
	for _, ln := range lns {
		_ = ln.Close() // nothing was served on it
	}
}

// serveAll serves the nodes of the demo. The last of them to be there says how to sign in.
func serveAll(p *program, sites []demo.Site, lns []net.Listener) error {
	urls := make([]string, len(sites))
	var up atomic.Int64
	g, ctx := errgroup.WithContext(p.ctx)
	for i, s := range sites {
		g.Go(func() error {
			return s.Node.ServeOn(ctx, lns[i], func(url string) {
				urls[i] = url
				if up.Add(1) == int64(len(sites)) {
					welcome(p, sites, urls)
				}
			})
		})
	}
	return g.Wait()
}

// welcome says where the nodes are and how to sign in to them.
func welcome(p *program, sites []demo.Site, urls []string) {
	p.print("ready %s", urls[0])
	for i, s := range sites {
		p.print("")
		p.print("%s   %s", urls[i], s.Node.Config.Name)
		for _, l := range s.Logins {
			p.print("  %-15s %-18s %s   (%s)", l.Role, l.Name, l.Password, l.Unit)
		}
		if len(s.Logins) == 0 {
			p.print("  this demo was made before: use the passwords it printed then, or start one in another directory")
		}
		for _, l := range s.Logins {
			if l.Follow != "" {
				p.print("")
				p.print("  the whole way of one child: sign in as %s, search for case %s", l.Name, l.Follow)
			}
		}
	}
	crossing(p, sites, urls)
	p.print("")
	p.print("stop with Ctrl-C")
}

// crossing says how to send a child's case from the first node to the second, in two
// windows of one browser.
func crossing(p *program, sites []demo.Site, urls []string) {
	sender := slices.IndexFunc(sites[0].Logins, func(l demo.Login) bool { return l.Follow != "" })
	if len(sites) < 2 || sender < 0 {
		return
	}
	taker := slices.IndexFunc(sites[1].Logins, func(l demo.Login) bool { return l.Abroad })
	if taker < 0 {
		return
	}
	p.print("")
	p.print("from one country to another, in two windows:")
	p.print("  1. %s, as %s: open a child, then Referrals, then \"Send to another country\";", urls[0], sites[0].Logins[sender].Name)
	p.print("     record the protection check first, choose the office, look at what leaves, send it")
	p.print("  2. %s, as %s: Referrals (الإحالات), then other countries (بلدان أخرى):", urls[1], sites[1].Logins[taker].Name)
	p.print("     a card without a name; accept it, and read what was sent")
	p.print("  3. the first window shows on the same page that it was stored there, and then accepted")
}
