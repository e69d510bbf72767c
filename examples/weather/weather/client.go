package weather

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A Client asks the source. It is safe for concurrent use: all who ask share its token, and its patience.
type Client struct {
	url   string
	http  http.Client
	limit *rate.Limiter

	mu      sync.Mutex // guards what follows
	token   string
	renewed int
	refused int
}

// NewClient is a client for the source at a URL, which asks so many times a second at most.
func NewClient(url string, perSecond int) *Client {
	return &Client{url: url, http: http.Client{Timeout: 10 * time.Second}, limit: rate.NewLimiter(rate.Limit(perSecond), perSecond)}
}

// Troubles is how often the token was renewed, and how often the source was too busy to answer.
func (c *Client) Troubles() (renewed, busy int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.renewed, c.refused
}

// A BusyError is an error of the source that passes.
type BusyError struct{ Status string }

// Error says what the source said.
func (b *BusyError) Error() string { return "the source is busy (" + b.Status + "): ask again later" }

// Temporary tells the framework that it passes: see jobs.Transient.
func (b *BusyError) Temporary() bool { return true }

// Get asks for a path, with a token that is renewed where it has expired.
func (c *Client) Get(ctx context.Context, path string) (string, error) {
	for try := 1; ; try++ {
		token, err := c.pass(ctx, "")
		if err != nil {
			return "", err
		}
		text, status, err := c.do(ctx, http.MethodGet, path, token)
		switch {
		case err != nil:
			return "", err
		case status == http.StatusOK:
			return text, nil
		case status == http.StatusUnauthorized && try < 3: // a slow answer may outlive the token once more
			if _, err := c.pass(ctx, token); err != nil {
				return "", err
			}
		case status >= 500, status == http.StatusTooManyRequests, status == http.StatusUnauthorized:
			c.mu.Lock()
			c.refused++
			c.mu.Unlock()
			return "", &BusyError{http.StatusText(status)}
		default:
			return "", fmt.Errorf("the source refuses %s: %s", path, strings.TrimSpace(text))
		}
	}
}

// pass is a token other than one that has expired. Whoever needs a new one first gets it for all.
func (c *Client) pass(ctx context.Context, expired string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token != expired {
		return c.token, nil
	}
	token, status, err := c.do(ctx, http.MethodPost, "/token", "")
	if err != nil {
		return "", err
	}
	if status != http.StatusOK {
		return "", &BusyError{http.StatusText(status)}
	}
	if expired != "" {
		c.renewed++
	}
	c.token = token
	return token, nil
}

// do asks once, when it is its turn.
func (c *Client) do(ctx context.Context, method, path, token string) (text string, status int, err error) {
	if err := c.limit.Wait(ctx); err != nil {
		return "", 0, err
	}
	r, err := http.NewRequestWithContext(ctx, method, c.url+path, nil)
	if err != nil {
		return "", 0, err
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return "", 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	return string(body), answer.StatusCode, err
}
