package samlsp

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"strings"
)

// Certificate is a certificate with the name that it goes by: the SHA-256 of its bytes in lower-case hexadecimal.
type Certificate struct {
	*x509.Certificate
	Fingerprint string
}

// MaxCertificates is how many certificates one input may have; a connection keeps fewer.
const MaxCertificates = 20

// Unreadable is an input of a person, certificates or metadata, that cannot be taken. It is a sentence for that person.
type Unreadable struct{ Sentence string }

// Error gives the sentence.
func (e *Unreadable) Error() string { return e.Sentence }

// ParseDER reads the bytes of one certificate, as it is stored.
func ParseDER(der []byte) (Certificate, error) {
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return Certificate{}, &Unreadable{"This is not an X.509 certificate."}
	}
	sum := sha256.Sum256(der)
	return Certificate{parsed, hex.EncodeToString(sum[:])}, nil
}

// ParseCertificates reads what a person enters as certificates: PEM with one or several, the base64 alone as IdPs show it and
// metadata has it, or the bytes of a file. The error is *Unreadable and says what the input is instead.
func ParseCertificates(input []byte) ([]Certificate, error) {
	input = bytes.TrimSpace(bytes.TrimPrefix(input, []byte("\xef\xbb\xbf")))
	switch {
	case len(input) == 0:
		return nil, &Unreadable{"There is no certificate here."}
	case bytes.Contains(input, []byte("-----BEGIN")):
		return parsePEM(input)
	case input[0] == 0x30 && bytes.IndexByte(input, 0) >= 0:
		return alone(ParseDER(input))
	}
	if what := lookalike(input); what != "" {
		return nil, &Unreadable{what}
	}
	return alone(parseBase64(string(input)))
}

// alone makes a list of one certificate and its error.
func alone(one Certificate, err error) ([]Certificate, error) {
	if err != nil {
		return nil, err
	}
	return []Certificate{one}, nil
}

// lookalike says what an input without the marks of PEM is, where people take it for a certificate.
func lookalike(input []byte) string {
	switch {
	case input[0] == '<':
		return "This is XML. Enter it as metadata, or only the text within X509Certificate."
	case bytes.HasPrefix(input, []byte("http://")), bytes.HasPrefix(input, []byte("https://")):
		return "This is a web address. Download the certificate and enter its text."
	case len(bytes.ReplaceAll(input, []byte(":"), nil)) <= 64 && bytes.ContainsRune(input, ':'):
		return "This is a fingerprint. Enter the certificate itself."
	}
	return ""
}

// parseBase64 reads the base64 of one certificate; white space in it is passed over.
func parseBase64(text string) (Certificate, error) {
	der, err := base64.StdEncoding.DecodeString(withoutSpace(text))
	if err != nil || len(der) == 0 {
		return Certificate{}, &Unreadable{"This is not the base64 of a certificate. Copy it whole, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----."}
	}
	return ParseDER(der)
}

// parsePEM reads the certificates of a PEM text, in which line breaks may have been lost.
func parsePEM(input []byte) ([]Certificate, error) {
	var found []Certificate
	for rest := string(input); strings.Contains(rest, "-----BEGIN"); {
		kind, body, after, ok := cutBlock(rest)
		if !ok {
			return nil, &Unreadable{"The certificate is cut off. Copy it whole, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----."}
		}
		if sentence := notCertificate(kind); sentence != "" {
			return nil, &Unreadable{sentence}
		}
		one, err := parseBase64(body)
		if err != nil {
			return nil, err
		}
		if found, rest = append(found, one), after; len(found) > MaxCertificates {
			return nil, &Unreadable{"These are too many certificates. Enter those that sign."}
		}
	}
	return distinct(found), nil
}

// cutBlock cuts the first block off a PEM text. encoding/pem wants line breaks, which forms and mails lose.
func cutBlock(input string) (kind, body, after string, ok bool) {
	_, input, _ = strings.Cut(input, "-----BEGIN")
	kind, input, ok = strings.Cut(input, "-----")
	if !ok {
		return "", "", "", false
	}
	body, input, ok = strings.Cut(input, "-----END")
	if !ok {
		return "", "", "", false
	}
	_, after, ok = strings.Cut(input, "-----")
	return strings.TrimSpace(kind), body, after, ok
}

// notCertificate says what a block of PEM is that is no certificate.
func notCertificate(kind string) string {
	switch {
	case kind == "CERTIFICATE" || kind == "X509 CERTIFICATE" || kind == "TRUSTED CERTIFICATE":
		return ""
	case strings.Contains(kind, "PRIVATE KEY"):
		return "This is a private key, which must not leave the IdP. Consider it as known to others, and enter the certificate."
	case strings.Contains(kind, "PUBLIC KEY"):
		return "This is a public key. Enter the certificate that it is in."
	case strings.Contains(kind, "REQUEST"):
		return "This is a request for a certificate. Enter the certificate that was made of it."
	case strings.Contains(kind, "PKCS7"):
		return "This is a PKCS #7 bundle. Export the certificate as PEM or DER."
	}
	return "This is not a certificate."
}

// distinct drops certificates that stand there twice.
func distinct(all []Certificate) []Certificate {
	var kept []Certificate
	seen := map[string]bool{}
	for _, c := range all {
		if !seen[c.Fingerprint] {
			seen[c.Fingerprint] = true
			kept = append(kept, c)
		}
	}
	return kept
}

// PEM gives the certificate as people exchange it.
func (c Certificate) PEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
}

// Weakness says why a signature by the certificate is not accepted whatever it says, empty where nothing is wrong with its key.
func (c Certificate) Weakness() string { return weakness(c.PublicKey) }

func roots(c Certificate) []*x509.Certificate { return []*x509.Certificate{c.Certificate} }
