package samlsp

import (
	"slices"
	"strings"
	"testing"

	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

func TestSSO2_MetadataFillsEverythingIn(t *testing.T) {
	t.Parallel()
	m, err := ParseMetadata([]byte(strings.Replace(rightMetadata(), "</md:IDPSSODescriptor>",
		keyFor("", samlsptest.Key("next").Base64())+keyFor("signing", samlsptest.Key("small").Base64())+keyFor("encryption", samlsptest.Key("other").Base64())+
			"<md:NameIDFormat> "+FormatEmail+" </md:NameIDFormat></md:IDPSSODescriptor>", 1)), "", now)
	if err != nil {
		t.Fatal(err)
	}
	var fingerprints []string
	for _, c := range m.Certificates {
		fingerprints = append(fingerprints, c.Fingerprint)
	}
	if !slices.Equal(fingerprints, []string{known("idp").Fingerprint, known("next").Fingerprint}) {
		t.Errorf("the certificates %v", fingerprints)
	}
	if m.EntityID != theirs || !m.SignRequests || m.SignOn[BindingRedirect] != "https://idp.example/sso" || m.SignOn[BindingPost] != "https://idp.example/sso/post" ||
		!slices.Equal(m.NameIDFormats, []string{FormatEmail}) || len(m.Notes) != 1 || !m.ValidUntil.IsZero() {
		t.Errorf("%+v", m)
	}
}

func TestSSO2_TheSentenceSaysWhatTheInputIs(t *testing.T) {
	t.Parallel()
	for input, want := range map[string]string{
		"<!DOCTYPE html><html>": "web page", `{"a":1}`: "outside the root", "<a/>": `"a"`, known("idp").PEM(): "under certificates",
		entityWith(ourEntity, `<md:SPSSODescriptor/>`):                                                      "service provider",
		"<!DOCTYPE x>" + rightMetadata():                                                                    "DOCTYPE",
		strings.Replace(rightMetadata(), "entityID", `validUntil="2020-01-01T00:00:00Z" entityID`, 1):       "2020-01-01T00:00:00Z",
		entityWith(theirs, roleWith(keyFor("signing", "AAAA")+serviceAt(BindingPost, "https://x.example"))): "X.509",
	} {
		if _, err := ParseMetadata([]byte(input), "", now); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, want %s", input, err, want)
		}
	}
}

func TestSSO1_OurMetadataSaysWhereToAnswerAndHasBothKeysOfARotation(t *testing.T) {
	t.Parallel()
	sp := right().sp
	sp.NameIDFormat, sp.IdP.SignRequests = FormatEmail, true
	document, err := sp.Metadata()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "sp-metadata.xml", string(document))
	sp.Keys = nil
	if document, err = sp.Metadata(); err != nil || strings.Contains(string(document), "KeyDescriptor") || strings.Contains(string(document), `AuthnRequestsSigned="true"`) {
		t.Errorf("%v: %s", err, document)
	}
	sp.EntityID = `https://"x"&<y>`
	if document, _ = sp.Metadata(); !strings.Contains(string(document), `entityID="https://&quot;x&quot;&amp;&lt;y>"`) {
		t.Errorf("%s", document)
	}
}

func TestAKeyOfOursIsStoredAndReadAgain(t *testing.T) {
	t.Parallel()
	made, err := NewKey("Tenantry con_1", now)
	if err != nil {
		t.Fatal(err)
	}
	private, certificate, err := made.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	read, err := ParseKey(private, certificate)
	if err != nil || read.Certificate.Fingerprint != made.Certificate.Fingerprint || read.Certificate.Weakness() != "" {
		t.Errorf("%v %v", err, read)
	}
	if read.Certificate.NotAfter.Sub(now) < keyLifetime-Skew || read.Certificate.Subject.CommonName != "Tenantry con_1" {
		t.Errorf("%v", read.Certificate.NotAfter)
	}
	if _, err := ParseKey(certificate, private); err == nil {
		t.Error("the parts in the wrong order are taken")
	}
}
