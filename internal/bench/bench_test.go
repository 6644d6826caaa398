package bench_test

import (
	"context"
	"os"
	"testing"

	"causeway/internal/bench"
)

func TestJ(t *testing.T) {
	_, err := bench.Run(context.Background(), "journal", bench.Options{Short: true, Dir: os.Getenv("BD"), Progress: os.Stderr}, bench.Text(os.Stdout))
	if err != nil {
		t.Fatal(err)
	}
}
