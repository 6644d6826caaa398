package witness_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"causeway/protocol/witness"
)

// answers is a witness that gives one answer.
type answers struct {
	lines string
	err   error
	asked []*witness.Request
}

func (a *answers) AddCheckpoint(_ context.Context, r *witness.Request) (string, error) {
	a.asked = append(a.asked, r)
	return a.lines, a.err
}

func (a *answers) AddStatement(_ context.Context, r *witness.Request) error {
	a.asked = append(a.asked, r)
	return a.err
}

// TestHandlerSpeaks sends requests as anybody's log does and reads what comes back.
func TestHandlerSpeaks(t *testing.T) {
	body := string(request(t, 3, 9).Bytes())
	for name, tt := range map[string]struct {
		err    error
		body   string
		status int
		kind   string
		answer string
	}{
		"cosigned":    {nil, body, 200, "text/plain; charset=utf-8", "— line\n"},
		"conflict":    {&witness.Refusal{Kind: witness.Stale, Size: 17}, body, 409, "text/x.tlog.size", "17\n"},
		"unknown":     {&witness.Refusal{Kind: witness.Unknown}, body, 404, "text/plain; charset=utf-8", "log is not witnessed\n"},
		"untrusted":   {&witness.Refusal{Kind: witness.Untrusted}, body, 403, "text/plain; charset=utf-8", "not signed by the log\n"},
		"unproven":    {&witness.Refusal{Kind: witness.Unproven}, body, 422, "text/plain; charset=utf-8", "proof does not hold\n"},
		"relearning":  {&witness.Refusal{Kind: witness.Relearning, Size: 4}, body, 503, "text/x.causeway.relearn", "4\n"},
		"out of work": {errors.New("disk"), body, 500, "text/plain; charset=utf-8", "internal error\n"},
		"malformed":   {nil, "old x\n", 400, "text/plain; charset=utf-8", "malformed request\n"},
		"oversize":    {nil, body + strings.Repeat("x", witness.RequestMost), 413, "text/plain; charset=utf-8", "request too large\n"},
	} {
		t.Run(name, func(t *testing.T) {
			told := 0
			a := &answers{lines: "— line\n", err: tt.err}
			srv := httptest.NewServer(http.StripPrefix("/cx/1/witness", witness.Handler(a, func(context.Context, error) { told++ })))
			defer srv.Close()
			res, err := http.Post(srv.URL+"/cx/1/witness/add-checkpoint", "text/plain", strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			got, err := io.ReadAll(res.Body)
			if err != nil || res.StatusCode != tt.status || res.Header.Get("Content-Type") != tt.kind || string(got) != tt.answer {
				t.Errorf("%d %q %q, %v; want %d %q %q", res.StatusCode, res.Header.Get("Content-Type"), got, err, tt.status, tt.kind, tt.answer)
			}
			if asked := tt.body == body; asked != (len(a.asked) == 1) || (told == 1) != (tt.status == 500) {
				t.Errorf("the witness was asked %d times, %d faults were told", len(a.asked), told)
			}
		})
	}
}

func TestHandlerOnlyPosts(t *testing.T) {
	srv := httptest.NewServer(witness.Handler(&answers{}, nil))
	defer srv.Close()
	for path, want := range map[string]int{"/add-checkpoint": 405, "/": 404, "/add-statement": 405} {
		res, err := http.Get(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("GET %s: %d, want %d", path, res.StatusCode, want)
		}
	}
}

func TestClient(t *testing.T) {
	a := &answers{lines: "— line\n"}
	srv := httptest.NewServer(witness.Handler(a, nil))
	defer srv.Close()
	c := &witness.Client{URL: srv.URL + "/", HTTP: srv.Client()}
	r := request(t, 3, 9)
	if lines, err := c.AddCheckpoint(t.Context(), r); err != nil || lines != "— line\n" || len(a.asked) != 1 || a.asked[0].Note != r.Note {
		t.Errorf("AddCheckpoint = %q, %v", lines, err)
	}
	if err := c.AddStatement(t.Context(), r); err != nil || len(a.asked) != 2 {
		t.Errorf("AddStatement: %v", err)
	}
	for _, want := range []*witness.Refusal{
		{Kind: witness.Stale, Size: 17}, {Kind: witness.Relearning, Size: 4}, {Kind: witness.Unknown}, {Kind: witness.Untrusted}, {Kind: witness.Unproven}, {Kind: witness.Malformed},
	} {
		a.err = want
		_, err := c.AddCheckpoint(t.Context(), r)
		var got *witness.Refusal
		if !errors.As(err, &got) || *got != *want {
			t.Errorf("refusal = %v, want %v", err, want)
		}
	}
}

// TestClientOfOthers meets answers that a witness should not give.
func TestClientOfOthers(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere.example/", http.StatusTemporaryRedirect)
		},
		"a page that never ends": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat("x", witness.AnswerMost+1))
		},
		"busy": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "busy", http.StatusServiceUnavailable) },
		"relearning without a number": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/x.causeway.relearn")
			w.WriteHeader(503)
		},
	} {
		srv := httptest.NewServer(answer)
		c := &witness.Client{URL: srv.URL}
		_, err := c.AddCheckpoint(t.Context(), request(t, 3, 9))
		var no *witness.Refusal
		if err == nil || errors.As(err, &no) {
			t.Errorf("%s: %v", name, err)
		}
		srv.Close()
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "other root", http.StatusConflict) }))
	defer srv.Close()
	_, err := (&witness.Client{URL: srv.URL}).AddCheckpoint(t.Context(), request(t, 3, 9))
	var no *witness.Refusal
	if !errors.As(err, &no) || no.Kind != witness.Stale || no.Size != -1 {
		t.Errorf("a conflict without a size: %v", err)
	}
}
