package e2e

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tenantry/tenantry/shared/samlsp"
)

// This file tries the stack's demonstration IdP with the service provider's protocol alone: that the two agree is what makes the
// answers of the product's own tests mean something.

// Directory is a directory of the demonstration IdP.
type Directory struct {
	Name         string
	EntityID     string
	SSOURL       string
	MetadataURL  string
	Certificates []struct {
		Fingerprint string
		Signs       bool
	}
	Requests []struct {
		RequestID, Binding string
		Signed, ForceAuthn bool
	}
}

// newDirectory makes a directory with one person, Carla, and what else is said of it.
func newDirectory(t testing.TB, settings map[string]any) Directory {
	t.Helper()
	said := map[string]any{"attributes": "plain", "sign": "assertion", "nameId": "email"}
	for name, value := range settings {
		said[name] = value
	}
	var made Directory
	stack.Local(t, "PUT", "idp/t-"+unique(), map[string]any{"settings": said,
		"people": []map[string]any{{"id": "o-1", "userName": "carla.o", "email": "carla@acme.example", "firstName": "Carla", "lastName": "Osorio", "phone": "+34 600"}},
		"groups": []map[string]any{{"id": "g-1", "name": "Staff", "members": []string{"o-1"}}}}).JSON(t, &made)
	return made
}

// Form is what a browser would post.
type Form struct {
	Action string
	Fields map[string]string
}

// signIn has somebody of the directory answer a request, as {"url"}, {"fields"} or {"serviceProvider"} say it.
func (d Directory) signIn(t testing.TB, person, by string, asked any) (form Form) {
	t.Helper()
	stack.Local(t, "POST", "idp/"+d.Name+"/answers", map[string]any{"person": person, by: asked}).JSON(t, &form)
	return form
}

// misbehave has the directory do something wrong in its next answer.
func (d Directory) misbehave(t testing.TB, kind string) {
	t.Helper()
	stack.Local(t, "PUT", "idp/"+d.Name+"/misbehaviours", []map[string]any{{"kind": kind, "times": 1}})
}

// serviceProvider is one by the protocol alone, set up from the directory's metadata as it is now and registered there.
func (d Directory) serviceProvider(t testing.TB, keys samlsp.Keys) samlsp.ServiceProvider {
	t.Helper()
	answer, err := http.Get(d.MetadataURL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	read, err := samlsp.ParseMetadata(text, "", time.Now())
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	base := "https://portal.example/" + d.Name
	sp := samlsp.ServiceProvider{EntityID: base + "/metadata", ACS: base + "/acs", Keys: keys,
		IdP: samlsp.IdP{EntityID: read.EntityID, SignOn: read.SignOn, Certificates: read.Certificates, SignRequests: read.SignRequests}}
	metadata, err := sp.Metadata()
	if err != nil {
		t.Fatal(err)
	}
	stack.Local(t, "POST", "idp/"+d.Name+"/service-providers", metadata)
	return sp
}

// judged judges the answer in a form: whom it signs in, or why not.
func judged(t testing.TB, sp samlsp.ServiceProvider, form Form, r *samlsp.Request) (*samlsp.Assertion, *samlsp.Identity, error) {
	t.Helper()
	if form.Action != sp.ACS {
		t.Fatalf("the form goes to %s", form.Action)
	}
	message, err := sp.Verify(form.Fields["SAMLResponse"], time.Now())
	if err != nil {
		return nil, nil, err
	}
	assertion, err := message.Judge(samlsp.Expected{Now: time.Now(), Request: r, Unsolicited: r == nil})
	if err != nil {
		return nil, nil, err
	}
	mapping := samlsp.Preset(samlsp.Custom)
	identity, err := assertion.Identify(mapping, []string{"acme.example"})
	return assertion, identity, err
}

// asking is a request by HTTP-Redirect.
func asking(t testing.TB, sp samlsp.ServiceProvider, force bool) (*samlsp.Request, string) {
	t.Helper()
	r := samlsp.NewRequest(time.Now(), force)
	address, err := sp.Redirect(r, "there")
	if err != nil {
		t.Fatal(err)
	}
	return r, address
}

func ourKeys(t testing.TB) samlsp.Keys {
	t.Helper()
	key, err := samlsp.NewKey("Tenantry", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return samlsp.FixedKeys{ForSigning: []samlsp.Key{key}, ForDecryption: []samlsp.Key{key}}
}

func TestLOG2_TheDemonstrationIdPSignsSomebodyIn(t *testing.T) {
	t.Parallel()
	keys := ourKeys(t)
	for name, settings := range map[string]map[string]any{
		"the assertion signed": {}, "the response signed": {"sign": "response"}, "both": {"sign": "both"}, "encrypted": {"encrypt": true},
		"encrypted and both": {"encrypt": true, "sign": "both"}, "as Entra ID": {"attributes": "entra", "nameId": "userName"}, "by persistent id": {"nameId": "id"},
		"requests signed": {"wantSignedRequests": true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDirectory(t, settings)
			sp := d.serviceProvider(t, keys)
			r, address := asking(t, sp, false)
			form := d.signIn(t, "carla@acme.example", "url", address)
			_, who, err := judged(t, sp, form, r)
			if err != nil {
				t.Fatal(err)
			}
			if who.Address != "carla@acme.example" || who.Values[samlsp.ObjectID] != "o-1" || who.Values[samlsp.LastName] != "Osorio" || len(who.Groups) != 1 || form.Fields["RelayState"] != "there" {
				t.Errorf("%+v %+v", who, form.Fields["RelayState"])
			}
			posted, err := sp.Post(samlsp.NewRequest(time.Now(), true), "")
			if err != nil {
				t.Fatal(err)
			}
			d.signIn(t, "o-1", "fields", map[string]string{"SAMLRequest": posted.SAMLRequest})
			stack.Local(t, "GET", "idp/"+d.Name, nil).JSON(t, &d)
			if len(d.Requests) != 2 || d.Requests[0].ForceAuthn || !d.Requests[1].ForceAuthn || d.Requests[1].Signed != (settings["wantSignedRequests"] != nil) {
				t.Errorf("it saw %+v", d.Requests)
			}
		})
	}
}

func TestLOG2_TheDemonstrationIdPMisbehavesAsItIsTold(t *testing.T) {
	t.Parallel()
	want := map[string]samlsp.Check{
		"wrong-audience": samlsp.MeaningAudience, "wrong-issuer": samlsp.MeaningIssuer, "wrong-recipient": samlsp.MeaningRecipient,
		"wrong-destination": samlsp.MeaningDestination, "wrong-request": samlsp.MeaningRequest, "unsolicited": samlsp.MeaningUnsolicited,
		"expired": samlsp.MeaningExpired, "early": samlsp.MeaningIssued, "stale": samlsp.MeaningFresh, "unsigned": samlsp.SignaturePresent,
		"weak-signature": samlsp.SignatureAlgorithm, "wrong-certificate": samlsp.SignatureValue, "tampered": samlsp.SignatureValue,
		"denied": samlsp.StructureStatus, "no-address": samlsp.IdentityAddress, "other-address": samlsp.IdentityDomain, "other-name-id": "", "replay": "",
	}
	var all struct{ Misbehaviours []string }
	stack.Local(t, "GET", "idp", nil).JSON(t, &all)
	d := newDirectory(t, nil)
	sp := d.serviceProvider(t, nil)
	for _, kind := range all.Misbehaviours {
		check, listed := want[kind]
		if !listed {
			t.Errorf("%s is not tried", kind)
		}
		d.misbehave(t, kind)
		r, address := asking(t, sp, true)
		assertion, _, err := judged(t, sp, d.signIn(t, "o-1", "url", address), r)
		refusal := samlsp.AsRefusal(err)
		switch {
		case kind == "replay":
			if refusal == nil || refusal.Check != samlsp.MeaningRequest && refusal.Check != samlsp.StructureStatus {
				t.Errorf("replay: %v", err)
			}
		case check == "" && err != nil:
			t.Errorf("%s: %v", kind, err)
		case kind == "other-name-id" && assertion.NameID.Value != "mallory":
			t.Errorf("%s: %+v", kind, assertion.NameID)
		case check != "" && (refusal == nil || !slices.ContainsFunc(refusal.Failed(), func(r *samlsp.Refusal) bool { return r.Check == check })):
			t.Errorf("%s: %v, not %s", kind, err, check)
		}
		r, address = asking(t, sp, true) // and once only
		if _, _, err := judged(t, sp, d.signIn(t, "o-1", "url", address), r); err != nil {
			t.Errorf("after %s: %v", kind, err)
		}
	}
}

func TestSSO5_TheDemonstrationIdPChangesItsCertificateWithOverlap(t *testing.T) {
	t.Parallel()
	d := newDirectory(t, nil)
	before := d.serviceProvider(t, nil)
	signsIn := func(sp samlsp.ServiceProvider) error {
		r, address := asking(t, sp, false)
		_, _, err := judged(t, sp, d.signIn(t, "o-1", "url", address), r)
		return err
	}
	var next struct{ Fingerprint string }
	certificates := "idp/" + d.Name + "/certificates"
	stack.Local(t, "POST", certificates, map[string]int{"days": 30}).JSON(t, &next)
	during := d.serviceProvider(t, nil)
	if err := signsIn(before); err != nil || len(during.IdP.Certificates) != 2 {
		t.Errorf("announced: %v, %d certificates", err, len(during.IdP.Certificates))
	}
	stack.Local(t, "PUT", certificates+"/"+next.Fingerprint+"/signing", nil)
	if err := signsIn(during); err != nil {
		t.Errorf("changed, and known: %v", err)
	}
	if refusal := samlsp.AsRefusal(signsIn(before)); refusal == nil || refusal.Check != samlsp.SignatureValue || refusal.Presented != next.Fingerprint {
		t.Errorf("changed, and not known: %+v", refusal)
	}
	stack.Local(t, "DELETE", certificates+"/"+d.Certificates[0].Fingerprint, nil)
	if after := d.serviceProvider(t, nil); len(after.IdP.Certificates) != 1 || after.IdP.Certificates[0].Fingerprint != next.Fingerprint {
		t.Errorf("afterwards: %d certificates", len(after.IdP.Certificates))
	}
}

func TestLOG2_TheDemonstrationIdPBeginsASignIn(t *testing.T) {
	t.Parallel()
	d := newDirectory(t, nil)
	sp := d.serviceProvider(t, nil)
	if _, who, err := judged(t, sp, d.signIn(t, "carla.o", "serviceProvider", sp.EntityID), nil); err != nil || who.Address != "carla@acme.example" {
		t.Errorf("%+v %v", who, err)
	}
	for by, value := range map[string]any{"url": "http://x/?" + url.Values{"SAMLRequest": {"x"}}.Encode(), "serviceProvider": "https://stranger.example"} {
		if answer := stack.Do(t, "POST", "/_local/idp/"+d.Name+"/answers", map[string]any{"person": "o-1", by: value}); answer.Status != 400 && answer.Status != 404 {
			t.Errorf("%s: %d %s", by, answer.Status, answer.Body)
		}
	}
	if page := stack.Do(t, "GET", "/_local", nil, "Accept", "text/html"); !strings.Contains(string(page.Body), "Demonstration IdP") {
		t.Error("/_local does not show it")
	}
}
