package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// childVariable tells a process that it was started by a measurement, and what
// it is to do.
const childVariable = "CAUSEWAY_BENCH_CHILD"

// children is what a child can be told to do. Each gets the parameters its
// parent wrote and writes its results to w.
var children = map[string]func(ctx context.Context, parameters []byte, w io.Writer) error{
	"verify": verifyChild,
	"crash":  crashChild,

	"exchange-door":   blobDoorChild,
	"exchange-upload": blobUploadChild,
}

// talkers are children that are asked again and again: they read what they are told
// themselves.
var talkers = map[string]func(ctx context.Context, in io.Reader, out io.Writer) error{
	"exchange-end":    exchangeEnd,
	"exchange-tunnel": exchangeTunnel,
}

// Child does the work of a process that a measurement has started, and ends it;
// in every other process it returns at once. The program, and the tests of this
// package, call it before anything else.
func Child() {
	what := os.Getenv(childVariable)
	if what == "" {
		return
	}
	talk, ok := talkers[what]
	if run, whole := children[what]; whole {
		ok, talk = true, func(ctx context.Context, in io.Reader, out io.Writer) error {
			parameters, err := io.ReadAll(in)
			if err == nil {
				err = run(ctx, parameters, out)
			}
			return err
		}
	}
	if !ok {
		fmt.Fprintln(os.Stderr, "causeway: error: unknown measurement")
		os.Exit(2)
	}
	err := talk(context.Background(), os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "causeway: error:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// childCommand prepares another process of this program that does what is said. nil: its
// standard input is the caller's affair.
func childCommand(ctx context.Context, what string, parameters any) (*exec.Cmd, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, path)
	cmd.Env = append(os.Environ(), childVariable+"="+what)
	if parameters == nil { // it is told later
		return cmd, nil
	}
	b, err := json.Marshal(parameters)
	if err != nil {
		return nil, err
	}
	cmd.Stdin = bytes.NewReader(b)
	return cmd, nil
}

// askChild runs a child to its end and reads its one result.
func askChild(ctx context.Context, what string, parameters, result any) error {
	cmd, err := childCommand(ctx, what, parameters)
	if err != nil {
		return err
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("child process %s: %w", what, errors.Join(err, errors.New(said.String())))
	}
	return json.Unmarshal(out, result)
}
