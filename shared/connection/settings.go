package connection

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/tenantry/tenantry/shared/clock"
	"github.com/tenantry/tenantry/shared/samlsp"
)

// MostCertificates is how many certificates of its IdP a connection trusts at once (SSO-5).
const MostCertificates = 3

// Settings are what is known of the IdP and of what it sends. They are tested as a whole.
type Settings struct {
	EntityID     string            `dynamodbav:"entityId,omitempty"`
	SignOn       map[string]string `dynamodbav:"signOn,omitempty"` // URL by binding, samlsp.BindingRedirect and BindingPost
	SignRequests bool              `dynamodbav:"signRequests,omitempty"`
	NameIDFormat string            `dynamodbav:"nameIdFormat,omitempty"` // that requests ask for; empty: the IdP decides
	Mapping      samlsp.Mapping    `dynamodbav:"mapping"`
	Certificates []Certificate     `dynamodbav:"certificates,omitempty"`
}

// Source is how a certificate came.
type Source string

// The sources.
const (
	ByHand     Source = "manual"
	ByMetadata Source = "metadata"
)

// Certificate is one of the IdP's with which it signs.
type Certificate struct {
	SHA256    string `dynamodbav:"sha256"` // of its bytes, in lower-case hexadecimal: its id
	DER       []byte `dynamodbav:"der"`
	NotBefore string `dynamodbav:"notBefore"`
	NotAfter  string `dynamodbav:"notAfter"`
	Source    Source `dynamodbav:"source"`
	AddedAt   string `dynamodbav:"addedAt"`
}

// NewCertificate is a certificate as it is stored.
func NewCertificate(from samlsp.Certificate, source Source, addedAt string) Certificate {
	return Certificate{SHA256: from.Fingerprint, DER: from.Raw, NotBefore: clock.Format(from.NotBefore), NotAfter: clock.Format(from.NotAfter),
		Source: source, AddedAt: addedAt}
}

// Certificate gives the certificate of that SHA-256, nil where there is none.
func (s *Settings) Certificate(sha256 string) *Certificate {
	i := slices.IndexFunc(s.Certificates, func(c Certificate) bool { return c.SHA256 == sha256 })
	if i < 0 {
		return nil
	}
	return &s.Certificates[i]
}

// Missing says what has to be entered before anybody can sign in, in the words of the API; empty where nothing has.
func (s *Settings) Missing() (missing []string) {
	if s.EntityID == "" {
		missing = append(missing, "idp.entityId")
	}
	if len(s.SignOn) == 0 {
		missing = append(missing, "idp.ssoUrl")
	}
	if len(s.Certificates) == 0 {
		missing = append(missing, "idp.certificates")
	}
	return missing
}

// Fingerprint is the same for settings that are the same but for their certificates: which of those a test passed with is
// known besides, and that others are trusted too changes nothing of it.
func (s *Settings) Fingerprint() string {
	same := *s
	same.Certificates = nil
	text, err := json.Marshal(same) // the keys of maps in order
	if err != nil {
		panic(err) // texts and lists of them only
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
