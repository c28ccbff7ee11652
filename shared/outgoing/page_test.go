package outgoing

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func hello(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "hello") }

func TestSSO2_FetchesAPageAndTellsNothingOfUs(t *testing.T) {
	t.Parallel()
	var header http.Header
	world := newInternet(t, func(w http.ResponseWriter, r *http.Request) {
		header = r.Header.Clone()
		w.Header().Set("Content-Type", "text/xml")
		hello(w, r)
	})
	got, err := world.Fetch(t.Context(), "https://idp.example.com/metadata?app=1#part", "application/samlmetadata+xml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&Page{URL: "https://idp.example.com/metadata?app=1", ContentType: "text/xml", Body: []byte("hello")}, got); diff != "" {
		t.Error(diff)
	}
	want := http.Header{"User-Agent": {"Tenantry"}, "Accept": {"application/samlmetadata+xml"}, "Accept-Encoding": {"gzip"}, "Connection": {"close"}}
	if diff := cmp.Diff(want, header); diff != "" {
		t.Errorf("headers: %s", diff)
	}
}

func TestSSO2_AnAnswerHasAtMostAMegabyte(t *testing.T) {
	t.Parallel()
	zeros := func(n int, zipped bool) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if !zipped {
				io.CopyN(w, endless{}, int64(n))
				return
			}
			w.Header().Set("Content-Encoding", "gzip")
			writer := gzip.NewWriter(w)
			io.CopyN(writer, endless{}, int64(n))
			writer.Close()
		}
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		reason  Reason // empty: it is taken
	}{
		"a megabyte":                     {zeros(largestBody, false), ""},
		"a megabyte, compressed":         {zeros(largestBody, true), ""},
		"a byte more":                    {zeros(largestBody+1, false), TooLarge},
		"a byte more, compressed":        {zeros(largestBody+1, true), TooLarge},
		"a gigabyte that was a megabyte": {zeros(1<<30, true), TooLarge},
		"a bomb in a bomb":               {coded("gzip, gzip"), Unreadable},
		"another compression":            {coded("br"), Unreadable},
		"no gzip at all":                 {coded("gzip"), Unreadable},
		"endlessly nothing":              {nothing, TooLarge},
		"endless headers":                {headers, Unreadable},
		"endless early hints":            {hints, Unreadable},
		"an error":                       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, Unreadable},
		"nothing new":                    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, Unreadable},
		"cut off":                        {cutOff, Unreadable},
		"no HTTP":                        {raw("SSH-2.0-OpenSSH_9.6\r\n"), Unreadable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := newInternet(t, c.handler)
			if c.reason != "" {
				world.refused(t, "https://idp.example.com/", c.reason)
			} else if page, err := world.Fetch(t.Context(), "https://idp.example.com/", "*/*"); err != nil || len(page.Body) != largestBody {
				t.Error(err)
			}
		})
	}
}

// endless is as many zeros as are read.
type endless struct{}

func (endless) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func coded(coding string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", coding)
		fmt.Fprint(w, "hello")
	}
}

// nothing sends one empty gzip member after the other: bytes that decompress to none.
func nothing(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	var member bytes.Buffer
	gzip.NewWriter(&member).Close()
	many := bytes.Repeat(member.Bytes(), 1000)
	for {
		if _, err := w.Write(many); err != nil {
			return
		}
	}
}

// taken gives the connection of a request, to answer on by hand.
func taken(w http.ResponseWriter) net.Conn {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	return conn
}

func raw(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn := taken(w)
		defer conn.Close()
		fmt.Fprint(conn, text)
	}
}

func headers(w http.ResponseWriter, _ *http.Request) {
	repeat(w, "HTTP/1.1 200 OK\r\n", "X-More: and more\r\n")
}

func hints(w http.ResponseWriter, _ *http.Request) {
	repeat(w, "", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
}

func repeat(w http.ResponseWriter, first, then string) {
	conn := taken(w)
	defer conn.Close()
	_, err := fmt.Fprint(conn, first)
	for err == nil {
		_, err = fmt.Fprint(conn, then)
	}
}

func cutOff(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	fmt.Fprint(w, "hello")
}

func TestSSO2_AllOfItTakesFiveSecondsAtMost(t *testing.T) {
	t.Parallel()
	if client := strictest(t); client.http.Timeout != 5*time.Second {
		t.Errorf("%s", client.http.Timeout)
	}
	for name, handler := range map[string]http.HandlerFunc{
		"no answer": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"a slow body": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				fmt.Fprint(w, ".")
				w.(http.Flusher).Flush()
				wait(r, 10*time.Millisecond)
			}
		},
		"slow headers": func(w http.ResponseWriter, _ *http.Request) {
			conn := taken(w)
			defer conn.Close()
			_, err := fmt.Fprint(conn, "HTTP/1.1 200 OK\r\nX-Slow: ")
			for err == nil {
				_, err = fmt.Fprint(conn, ".")
				time.Sleep(10 * time.Millisecond)
			}
		},
		"slow redirects": func(w http.ResponseWriter, r *http.Request) {
			wait(r, 150*time.Millisecond)
			http.Redirect(w, r, "/again", http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := newInternet(t, handler)
			world.Client.http.Timeout = 300 * time.Millisecond
			world.refused(t, "https://idp.example.com/", TooSlow)
		})
	}
}

func wait(r *http.Request, d time.Duration) {
	select {
	case <-r.Context().Done():
	case <-time.After(d):
	}
}

func TestSSO2_WhoeverAsksCanStopAsking(t *testing.T) {
	t.Parallel()
	world := newInternet(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(50*time.Millisecond, func() { cancel(errors.New("enough")) })
	if _, err := world.Fetch(ctx, "https://idp.example.com/", "*/*"); As(err) != nil || !strings.Contains(err.Error(), "enough") {
		t.Errorf("got %v", err)
	}
}

func TestSSO2_OnlyATrustedCertificateOfTheNameIsTaken(t *testing.T) {
	t.Parallel()
	world := newInternet(t, hello)
	world.names["idp.example.org"] = [][]string{{somewhere}} // the certificate is for example.com
	if refusal := world.refused(t, "https://idp.example.org/", NotSecure); !strings.Contains(refusal.Sentence, "another name") {
		t.Error(refusal.Sentence)
	}
	old := httptest.NewUnstartedServer(http.HandlerFunc(hello))
	old.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	old.StartTLS()
	t.Cleanup(old.Close)
	plain := httptest.NewServer(http.HandlerFunc(hello))
	t.Cleanup(plain.Close)
	for name, server := range map[string]*httptest.Server{"8.8.4.4": old, "1.1.1.1": plain} {
		world.names["idp.example.com"] = [][]string{{name}}
		world.places[name+":443"] = server.Listener.Addr().String()
		world.refused(t, "https://idp.example.com/", NotSecure)
	}
	stranger := newInternet(t, hello)
	stranger.Client.http.Transport.(*guard).transport.TLSClientConfig.RootCAs = nil
	stranger.refused(t, "https://idp.example.com/", NotSecure)
	later := newInternet(t, hello)
	later.Client.http.Transport.(*guard).transport.TLSClientConfig.Time = func() time.Time { return time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC) }
	if refusal := later.refused(t, "https://idp.example.com/", NotSecure); !strings.Contains(refusal.Sentence, "expired") {
		t.Error(refusal.Sentence)
	}
}

func TestSSO2_TheEnvironmentsProxyIsNotUsed(t *testing.T) {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "ALL_PROXY"} {
		t.Setenv(name, "http://127.0.0.1:1")
	}
	world := newInternet(t, hello)
	if _, err := world.Fetch(t.Context(), "https://idp.example.com/", "*/*"); err != nil {
		t.Error(err)
	}
}
