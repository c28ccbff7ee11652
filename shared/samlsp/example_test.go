package samlsp_test

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"time"

	"github.com/tenantry/tenantry/shared/samlsp"
	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

// The whole way: what the IdP's metadata says becomes a connection, a request goes out, an answer is judged.
func Example() {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	idp := samlsptest.Key("idp")
	trusted, _ := samlsp.ParseCertificates([]byte(idp.Base64()))
	sp := samlsp.ServiceProvider{
		EntityID: "https://portal.example/saml/con_1/metadata",
		ACS:      "https://portal.example/saml/con_1/acs",
		IdP: samlsp.IdP{EntityID: "https://idp.example", Certificates: trusted,
			SignOn: map[string]string{samlsp.BindingRedirect: "https://idp.example/sso"}},
	}

	request := samlsp.NewRequest(now, false) // keep it, bound to the browser
	if _, err := sp.Redirect(request, request.ID); err != nil {
		fmt.Println(err)
	}

	later := now.Add(20 * time.Second)
	answer := samlsptest.Answer(idp, sp.IdP.EntityID, sp.EntityID, sp.ACS, request.ID, "ada@acme.example", later)
	body := url.Values{"SAMLResponse": {base64.StdEncoding.EncodeToString([]byte(answer))}, "RelayState": {request.ID}}.Encode()

	form, err := samlsp.ReadForm(samlsp.Post{ContentType: "application/x-www-form-urlencoded", Body: []byte(body)})
	if err != nil {
		fmt.Println(err)
	}
	message, err := sp.Verify(form.Response, later)
	if err != nil {
		fmt.Println(samlsp.AsRefusal(err).Sentence().English) // and Account, Covered for the connection's log
	}
	// message.InResponseTo names the request to look up; it is judged against, and not consumed yet.
	assertion, err := message.Judge(samlsp.Expected{Now: later, Request: request})
	if err != nil {
		fmt.Println(err)
	}
	identity, err := assertion.Identify(samlsp.Preset(samlsp.Okta), []string{"acme.example"})
	fmt.Println(identity.Address, assertion.RequestID == request.ID, err)
	// Now one transaction consumes assertion.RequestID and assertion.ID and makes the session.
	// Output: ada@acme.example true <nil>
}
