package demo_test

import (
	"context"
	"testing"
	"time"

	"causeway/internal/demo"
)

func TestDemoTellsEveryStory(t *testing.T) {
	ctx := context.Background()
	start := time.Now()
	n, logins, err := demo.Make(ctx, t.TempDir()+"/node", "http://localhost:1", "127.0.0.1:0", demo.Children, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if len(logins) != 8 {
		t.Errorf("logins = %d, want one of each role and language", len(logins))
	}
	size, err := n.Journal.Size(ctx)
	if err != nil || size < demo.Children*3 {
		t.Errorf("journal size = %d, %v", size, err)
	}
	t.Logf("%d entries in %v", size, time.Since(start))
}
