package samlsp

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
)

// Redirect gives the URL that asks the IdP by HTTP-Redirect (bindings 3.4), signed where the IdP wants it. The request fits a URL
// that every browser takes: it has no signature within.
func (sp ServiceProvider) Redirect(r *Request, relayState string) (string, error) {
	base := sp.IdP.SignOn[BindingRedirect]
	switch {
	case base == "":
		return "", ErrNoSignOn
	case len(relayState) > MaxRelayState:
		return "", ErrRelayState
	}
	query := "SAMLRequest=" + url.QueryEscape(base64.StdEncoding.EncodeToString(deflated(written(sp.authnRequest(r, base)))))
	if relayState != "" {
		query += "&RelayState=" + url.QueryEscape(relayState)
	}
	if sp.IdP.SignRequests {
		signature, err := sp.signQuery(&query)
		if err != nil {
			return "", err
		}
		query += "&Signature=" + url.QueryEscape(signature)
	}
	return joined(base, query), nil
}

// signQuery adds the algorithm to the query and signs it as it is sent (bindings 3.4.4.1).
func (sp ServiceProvider) signQuery(query *string) (string, error) {
	key, err := sp.signingKey()
	if err != nil {
		return "", err
	}
	*query += "&SigAlg=" + url.QueryEscape(rsaSHA256)
	digest := sha256.Sum256([]byte(*query))
	signature, err := key.Signer.Sign(rand.Reader, digest[:], crypto.SHA256)
	return base64.StdEncoding.EncodeToString(signature), err
}

// deflated compresses as the binding wants it: raw, without a header.
func deflated(plain []byte) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // the level is one, and a buffer takes everything
	}
	return b.Bytes()
}

// joined adds a query to a URL that may have one.
func joined(base, query string) string {
	switch {
	case !strings.Contains(base, "?"):
		return base + "?" + query
	case strings.HasSuffix(base, "?") || strings.HasSuffix(base, "&"):
		return base + query
	}
	return base + "&" + query
}
