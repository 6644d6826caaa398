package mask_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"causeway/protocol/mask"
)

func secret(t testing.TB) *mask.Secret {
	t.Helper()
	s, err := mask.NewSecret(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var domain = mask.Domain{Purpose: "child", Asker: "xa.nrm", Holder: "xb.nrm", Epoch: 7}

func TestBothOrdersAgree(t *testing.T) {
	a, b := secret(t), secret(t)
	k := mask.Key{Kind: "given+year", Value: "x 2014"}
	ab, err := b.Raise(a.Hide(domain, k))
	if err != nil {
		t.Fatal(err)
	}
	ba, err := a.Raise(b.Hide(domain, k))
	if err != nil {
		t.Fatal(err)
	}
	if ab != ba || ab.Tag() != ba.Tag() {
		t.Error("raised in another order, the point differs")
	}
	if ab == a.Hide(domain, k) || a.Hide(domain, k) == b.Hide(domain, k) {
		t.Error("a point raised once equals one raised by the other or twice")
	}
}

func TestNothingAgreesAcrossDomains(t *testing.T) {
	s := secret(t)
	type named struct {
		d mask.Domain
		k mask.Key
	}
	with := func(change func(*named)) named {
		n := named{domain, mask.Key{Kind: "ab", Value: "cd"}}
		change(&n)
		return n
	}
	seen := map[mask.Point]int{}
	for i, n := range []named{
		with(func(*named) {}),
		with(func(n *named) { n.d.Purpose = "selector" }),
		with(func(n *named) { n.d.Asker, n.d.Holder = n.d.Holder, n.d.Asker }),
		with(func(n *named) { n.d.Asker = "xc.nrm" }),
		with(func(n *named) { n.d.Holder = "xc.nrm" }),
		with(func(n *named) { n.d.Epoch++ }),
		with(func(n *named) { n.k = mask.Key{Kind: "abc", Value: "d"} }),
		with(func(n *named) { n.k = mask.Key{Kind: "a", Value: "bcd"} }),
		with(func(n *named) { n.k.Value = "ce" }),
	} {
		p := s.Hide(n.d, n.k)
		if j, ok := seen[p]; ok {
			t.Errorf("cases %d and %d have the same point", j, i)
		}
		seen[p] = i
	}
}

func TestDomainIsWhole(t *testing.T) {
	bad := []mask.Domain{
		{},
		{Purpose: "child", Asker: "xa.nrm", Holder: "xb.nrm"},
		{Purpose: "child", Asker: "xa.nrm", Holder: "xa.nrm", Epoch: 1},
		{Purpose: "child", Asker: "xa nrm", Holder: "xb.nrm", Epoch: 1},
		{Purpose: "child", Holder: "xb.nrm", Epoch: 1},
		{Purpose: strings.Repeat("c", 17), Asker: "xa.nrm", Holder: "xb.nrm", Epoch: 1},
		{Purpose: "child", Asker: strings.Repeat("a", 65), Holder: "xb.nrm", Epoch: 1},
	}
	for _, d := range bad {
		if !errors.Is(d.Check(), mask.ErrDomain) {
			t.Errorf("accepted %+v", d)
		}
		if _, err := secret(t).HideAll(t.Context(), d, nil, nil); !errors.Is(err, mask.ErrDomain) {
			t.Errorf("hid under %+v", d)
		}
	}
	if err := domain.Check(); err != nil {
		t.Error(err)
	}
}

// The first of each group stands in RFC 9496, A.2.
func TestWhatIsNoPointIsRefused(t *testing.T) {
	s := secret(t)
	for name, text := range map[string]string{
		"identity":               strings.Repeat("00", 32),
		"not a canonical field":  "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"the prime itself":       "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"more than the prime":    "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"negative field element": "0100000000000000000000000000000000000000000000000000000000000000",
		"not a square":           "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
		"negative product":       "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
		"s is minus one":         "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		b, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := s.Raise(mask.Point(b)); !errors.Is(err, mask.ErrPoint) || p != (mask.Point{}) {
			t.Errorf("%s: raised to %x, %v", name, p, err)
		}
		good := s.Hide(domain, mask.Key{Kind: "k", Value: "v"})
		if err := s.RaiseAll(t.Context(), []mask.Point{good, mask.Point(b), good}, nil); !errors.Is(err, mask.ErrPoint) {
			t.Errorf("%s: a batch with it is accepted: %v", name, err)
		}
	}
}

func TestSecretIsKeptAndNotShown(t *testing.T) {
	s := secret(t)
	again, err := mask.ParseSecret(s.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	k := mask.Key{Kind: "k", Value: "v"}
	if again.Hide(domain, k) != s.Hide(domain, k) {
		t.Error("a secret read back hides otherwise")
	}
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %x %d", s, s, s, s, s), fmt.Sprintf("%s", []*mask.Secret{s})} {
		if strings.Contains(text, hex.EncodeToString(s.Bytes())) {
			t.Errorf("printed: %s", text)
		}
	}
	for _, bad := range [][]byte{nil, make([]byte, 32), make([]byte, 31), []byte(strings.Repeat("\xff", 32))} {
		if _, err := mask.ParseSecret(bad); !errors.Is(err, mask.ErrSecret) {
			t.Errorf("read %x as a secret", bad)
		}
	}
	if _, err := mask.NewSecret(strings.NewReader(strings.Repeat("\x00", 64))); !errors.Is(err, mask.ErrSecret) {
		t.Error("zero became a secret")
	}
}

func TestBatchEqualsOneByOne(t *testing.T) {
	a, b := secret(t), secret(t)
	keys := make([]mask.Key, 1500)
	for i := range keys {
		keys[i] = mask.Key{Kind: "k", Value: fmt.Sprint(i)}
	}
	var done atomic.Int64
	points, err := a.HideAll(t.Context(), domain, keys, func(n int) { done.Add(int64(n)) })
	if err != nil {
		t.Fatal(err)
	}
	if err := b.RaiseAll(t.Context(), points, func(n int) { done.Add(int64(n)) }); err != nil {
		t.Fatal(err)
	}
	if done.Load() != 3000 {
		t.Errorf("told of %d points, not of 3,000", done.Load())
	}
	for _, i := range []int{0, 511, 512, 1499} {
		if p, err := a.Raise(b.Hide(domain, keys[i])); err != nil || p != points[i] {
			t.Errorf("key %d differs in the batch: %v", i, err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := a.HideAll(ctx, domain, keys, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("went on after it was stopped: %v", err)
	}
}

func TestFillerIsAPointLikeOthers(t *testing.T) {
	s := secret(t)
	p, err := mask.Filler(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Raise(p); err != nil {
		t.Error(err)
	}
	points := []mask.Point{{3}, {1}, {2}}
	mask.Sort(points)
	if points[0] != (mask.Point{1}) || points[2] != (mask.Point{3}) {
		t.Errorf("not in order: %v", points)
	}
}

func FuzzRaise(f *testing.F) {
	s := secret(f)
	p := s.Hide(domain, mask.Key{Kind: "k", Value: "v"})
	f.Add(p[:])
	f.Add(make([]byte, 32))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) != mask.PointSize {
			return
		}
		once, err := s.Raise(mask.Point(b))
		if err != nil {
			return
		}
		if _, err := s.Raise(once); err != nil {
			t.Errorf("raised %x to %x, which is no point", b, once)
		}
	})
}

func BenchmarkHide(b *testing.B) {
	s, k := secret(b), mask.Key{Kind: "given+family+year", Value: "PTR KRNK 2014"}
	for b.Loop() {
		s.Hide(domain, k)
	}
}

func BenchmarkRaise(b *testing.B) {
	s := secret(b)
	p := s.Hide(domain, mask.Key{Kind: "k", Value: "v"})
	for b.Loop() {
		if _, err := s.Raise(p); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRaiseAll(b *testing.B) {
	s := secret(b)
	for _, n := range []int{1_000, 10_000} {
		points := make([]mask.Point, n)
		for i := range points {
			points[i] = s.Hide(domain, mask.Key{Kind: "k", Value: fmt.Sprint(i)})
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if err := s.RaiseAll(b.Context(), points, nil); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/point")
		})
	}
}
