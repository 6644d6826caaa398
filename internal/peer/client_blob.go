package peer

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"

	"causeway/internal/fault"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// Upload sends an attachment in parts, beginning where an earlier try has ended. It
// returns nil when the peer has all of it.
func (c *Client) Upload(ctx context.Context, to identity.NodeID, d cx.Digest, f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("look at attachment: %w", err)
	}
	at, whole, err := c.uploaded(ctx, to, d)
	for anew := false; err == nil && !whole; {
		if at >= info.Size() {
			// All was sent and the digest does not fit: bytes were lost there. Once again.
			if anew {
				return cx.BlobMismatch
			}
			at, anew = 0, true
		}
		at, whole, err = c.part(ctx, to, d, f, at, min(PartSize, info.Size()-at))
	}
	return err
}

// uploaded asks how much of an attachment a peer has.
func (c *Client) uploaded(ctx context.Context, to identity.NodeID, d cx.Digest) (size int64, whole bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	resp, err := c.ask(ctx, to, http.MethodHead, "blob/"+d.String(), nil, 0)
	if err != nil {
		return 0, false, err
	}
	return c.progress(to, resp)
}

// part sends one part and returns where to go on.
func (c *Client) part(ctx context.Context, to identity.NodeID, d cx.Digest, f io.ReaderAt, at, size int64) (int64, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	path := "blob/" + d.String() + "?offset=" + strconv.FormatInt(at, 10)
	resp, err := c.ask(ctx, to, http.MethodPut, path, io.NewSectionReader(f, at, size), size)
	if err != nil {
		return 0, false, err
	}
	next, whole, err := c.progress(to, resp)
	var r *Refusal
	if errors.As(err, &r) && r.Code == cx.BlobMismatch && r.Where >= 0 && r.Where != at {
		return r.Where, false, nil // an earlier part came further than we heard
	}
	return next, whole, err
}

// progress reads an answer about an attachment.
func (c *Client) progress(from identity.NodeID, resp *http.Response) (size int64, whole bool, err error) {
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusAccepted {
		return 0, false, c.refusal(from, resp)
	}
	size, err = strconv.ParseInt(resp.Header.Get(headerOffset), 10, 64)
	if err != nil || size < 0 {
		return 0, false, fault.New(fault.Unavailable, "peer-answer")
	}
	return size, resp.StatusCode == http.StatusOK, nil
}

// Fetch asks a peer for what waits there for this node, after one envelope, and hands
// each envelope to take, in order. It returns how many came.
func (c *Client) Fetch(ctx context.Context, from identity.NodeID, after cx.ID, take func(envelope []byte) error) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	path := "outbox?for=me"
	if !after.IsZero() {
		path += "&after=" + after.String()
	}
	resp, err := c.ask(ctx, from, http.MethodGet, path, nil, 0)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return 0, c.refusal(from, resp)
	}
	for n := 0; ; n++ {
		var length [4]byte
		if _, err := io.ReadFull(resp.Body, length[:]); errors.Is(err, io.EOF) {
			return n, nil
		} else if err != nil {
			return n, unreachable(err)
		}
		size := binary.BigEndian.Uint32(length[:])
		if size > bodyLimit || n >= fetchMost {
			return n, fault.New(fault.Unavailable, "peer-answer")
		}
		b := make([]byte, size)
		if _, err := io.ReadFull(resp.Body, b); err != nil {
			return n, unreachable(err)
		}
		if err := take(b); err != nil {
			return n, err
		}
	}
}

// Download fetches an attachment that waits at a peer into the spool, beginning where an
// earlier try has ended.
func (c *Client) Download(ctx context.Context, from identity.NodeID, d cx.Digest, limit int64, s *Spool) error {
	got, err := s.Progress(from, d)
	for anew := false; err == nil && !got.Whole; {
		var total int64
		before := got.Size
		got, total, err = c.downloadPart(ctx, from, d, before, limit, s)
		if err == nil && !got.Whole && got.Size >= total {
			if anew {
				return cx.BlobMismatch
			}
			got, anew = Progress{}, true
		} else if err == nil && got.Size == before {
			return fault.New(fault.Unavailable, "peer-answer")
		}
	}
	return err
}

func (c *Client) downloadPart(ctx context.Context, from identity.NodeID, d cx.Digest, at, limit int64, s *Spool) (got Progress, total int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	path := "outbox?for=me&blob=" + d.String() + "&offset=" + strconv.FormatInt(at, 10)
	resp, err := c.ask(ctx, from, http.MethodGet, path, nil, 0)
	if err != nil {
		return got, 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return got, 0, c.refusal(from, resp)
	}
	if total, err = strconv.ParseInt(resp.Header.Get(headerOffset), 10, 64); err != nil {
		return got, 0, fault.New(fault.Unavailable, "peer-answer")
	}
	got, err = s.Append(from, d, at, limit, resp.Body)
	return got, total, err
}
