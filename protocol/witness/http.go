package witness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Kind says why a witness does not cosign.
type Kind int

// The kinds, with the status by which they travel.
const (
	Malformed  Kind = 400 // not a request, or its old size is above the checkpoint's
	Untrusted  Kind = 403 // not signed by a key of the log
	Unknown    Kind = 404 // the witness does not witness a log of this name
	Stale      Kind = 409 // the witness cosigned another size, which it tells; or another root at this one
	TooLarge   Kind = 413 // the body is longer than a request can be
	Unproven   Kind = 422 // the proof does not lead from what it cosigned to the checkpoint
	Relearning Kind = 503 // the witness was restored and waits for its own newest cosignature; it tells what it knows
)

// Refusal is the answer of a witness that does not cosign.
type Refusal struct {
	Kind Kind
	Size int64 // Stale, Relearning: the size that the witness knows
}

// Error says the kind in words.
func (r *Refusal) Error() string {
	switch r.Kind {
	case Malformed:
		return "witness: malformed request"
	case Untrusted:
		return "witness: not signed by the log"
	case Unknown:
		return "witness: log is not witnessed"
	case Stale:
		return fmt.Sprintf("witness: knows size %d", r.Size)
	case TooLarge:
		return "witness: request too large"
	case Unproven:
		return "witness: proof does not hold"
	case Relearning:
		return fmt.Sprintf("witness: relearns, knows size %d", r.Size)
	}
	return fmt.Sprintf("witness: answer %d", int(r.Kind))
}

// The types of content of answers that tell a size.
const (
	sizeType    = "text/x.tlog.size"
	relearnType = "text/x.causeway.relearn"
)

// Service is a witness. Its errors carry a [*Refusal] where it refuses.
type Service interface {
	// AddCheckpoint cosigns the checkpoint in r and returns the signature lines.
	AddCheckpoint(ctx context.Context, r *Request) (lines string, err error)
	// AddStatement takes note of the restore whose statement stands in r.
	AddStatement(ctx context.Context, r *Request) error
}

// Handler serves a witness: POST add-checkpoint (C2SP tlog-witness) and POST
// add-statement, below whatever prefix it is mounted at. failed, which may be nil, is told
// of errors that are no refusal; the log hears 500.
func Handler(s Service, failed func(context.Context, error)) http.Handler {
	mux := http.NewServeMux()
	serve := func(path string, do func(context.Context, *Request) (string, error)) {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
			lines, err := answer(r, w, do)
			var no *Refusal
			switch {
			case errors.As(err, &no):
				refuse(w, no)
			case err != nil:
				if failed != nil {
					failed(r.Context(), err)
				}
				http.Error(w, "internal error", http.StatusInternalServerError)
			default:
				w.Header().Set("Content-Type", "text/plain; charset=utf-8")
				_, _ = io.WriteString(w, lines) // the log is gone: it asks again
			}
		})
	}
	serve("/add-checkpoint", s.AddCheckpoint)
	serve("/add-statement", func(ctx context.Context, r *Request) (string, error) { return "", s.AddStatement(ctx, r) })
	return mux
}

// answer reads the request and lets the witness do its work.
func answer(r *http.Request, w http.ResponseWriter, do func(context.Context, *Request) (string, error)) (string, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, RequestMost))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return "", &Refusal{Kind: TooLarge}
	}
	if err != nil {
		return "", &Refusal{Kind: Malformed}
	}
	req, err := ParseRequest(body)
	if err != nil {
		return "", &Refusal{Kind: Malformed}
	}
	return do(r.Context(), req)
}

func refuse(w http.ResponseWriter, no *Refusal) {
	kind := map[Kind]string{Stale: sizeType, Relearning: relearnType}[no.Kind]
	if kind == "" {
		http.Error(w, strings.TrimPrefix(no.Error(), "witness: "), int(no.Kind))
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(int(no.Kind))
	_, _ = fmt.Fprintf(w, "%d\n", no.Size) // the log is gone: it asks again
}

// Client asks one witness over HTTP.
type Client struct {
	URL  string       // submission prefix of the witness, without a slash at the end
	HTTP *http.Client // how it is reached; redirects are not followed
}

// AddCheckpoint asks for cosignatures and returns the lines of the answer, of which none
// is verified. The context bounds the time. A witness that refuses is a [*Refusal].
func (c *Client) AddCheckpoint(ctx context.Context, r *Request) (lines string, err error) {
	return c.post(ctx, "/add-checkpoint", r)
}

// AddStatement tells the witness of a restore.
func (c *Client) AddStatement(ctx context.Context, r *Request) error {
	_, err := c.post(ctx, "/add-statement", r)
	return err
}

func (c *Client) post(ctx context.Context, path string, r *Request) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(c.URL, "/")+path, bytes.NewReader(r.Bytes()))
	if err != nil {
		return "", fmt.Errorf("ask witness: %w", err)
	}
	req.Header.Set("Content-Type", "text/plain; charset=utf-8")
	client := http.Client{}
	if c.HTTP != nil {
		client = *c.HTTP
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("ask witness: %w", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, AnswerMost+1))
	if err != nil {
		return "", fmt.Errorf("ask witness: %w", err)
	}
	return ReadAnswer(res.StatusCode, string(body))
}

// ReadAnswer reads the answer of a witness by its status and body: lines, none of which is
// verified, or a [*Refusal], or an error for what no witness answers.
func ReadAnswer(status int, body string) (lines string, err error) {
	no := &Refusal{Kind: Kind(status)}
	switch no.Kind {
	case http.StatusOK:
		if len(body) > AnswerMost {
			return "", errors.New("ask witness: answer too large")
		}
		return body, nil
	case Malformed, Untrusted, Unknown, TooLarge, Unproven:
		return "", no
	case Stale, Relearning:
		size, err := parseSize(strings.TrimSuffix(body, "\n"))
		if err == nil {
			no.Size = size
			return "", no
		}
		if no.Kind == Stale { // the root is another at the same size
			no.Size = -1
			return "", no
		}
	}
	return "", fmt.Errorf("ask witness: answer %d", status)
}

// ReadLines takes from the answer of a witness the newest line that is a valid
// cosignature of v over the signed checkpoint. Lines of other keys are passed over.
func ReadLines(v *Verifier, signed, lines string) (line string, c Cosigned, err error) {
	text, _, ok := cut(signed)
	if !ok || len(lines) > AnswerMost {
		return "", Cosigned{}, errors.New("not the answer of a witness")
	}
	line, at, ok := v.Cosigned(text + "\n" + lines)
	if !ok {
		return "", Cosigned{}, errors.New("the answer holds no valid cosignature")
	}
	return line, Cosigned{Name: v.Name(), At: at}, nil
}
