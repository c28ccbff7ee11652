package samlsp

import (
	"strings"
	"time"

	"github.com/tenantry/tenantry/shared/samlsp/samlsptest"
)

// addressed sends an address as the attribute and as the name id.
func addressed(address string) func(*attempt) {
	return func(a *attempt) {
		a.assertion().NameID = address
		a.assertion().Attributes[0].Values = []string{address}
	}
}

func tenancyCases() []sample {
	who := func(name string, want Check, bend func(*attempt)) sample { return bent(tenancy, name, want, bend) }
	return []sample{
		who("another tenant's IdP, with its own key", SignatureValue, func(a *attempt) {
			a.assertion().Issuer, a.response.Issuer = "https://other.example", "https://other.example"
			a.assertion().Sign.Key = samlsptest.Key("other")
		}),
		who("another tenant's IdP under this one's name", SignatureValue, func(a *attempt) { a.assertion().Sign.Key = samlsptest.Key("other") }),
		who("an IdP that two tenants use: made for the other one", MeaningRecipient, func(a *attempt) {
			a.sp.EntityID, a.sp.ACS = strings.Replace(ourEntity, "con_1", "con_2", 1), strings.Replace(ourACS, "con_1", "con_2", 1)
			a.response.Destination = ""
		}),
		who("an IdP that two tenants use: the audience of the other one", MeaningAudience, func(a *attempt) {
			a.sp.EntityID = strings.Replace(ourEntity, "con_1", "con_2", 1)
		}),
		who("a domain that was not verified", IdentityDomain, func(a *attempt) { a.domains = nil }),
		who("a domain of somebody else", IdentityDomain, addressed("ada@other.example")),
		who("a subdomain", IdentityDomain, addressed("ada@mail.acme.example")),
		who("the domain as the beginning of another", IdentityDomain, addressed("ada@acme.example.evil.example")),
		who("a domain that looks alike (Cyrillic)", IdentityDomain, addressed("ada@аcme.example")),
		who("the domain in capitals", accepted, addressed("ada@ACME.Example")),
		who("an address with a part that is not ASCII", accepted, addressed("åda@acme.example")),
		who("a guest's name at Entra ID", IdentityDomain, addressed("ada_acme.example#EXT#@tenant.onmicrosoft.example")),
		who("two addresses", IdentityAddress, func(a *attempt) {
			a.assertion().Attributes[0].Values = []string{"ada@acme.example", "admin@acme.example"}
		}),
		who("an address twice", accepted, func(a *attempt) {
			a.assertion().Attributes[0].Values = []string{"ada@acme.example", "Ada@acme.example"}
		}),
		who("two attributes of one name with different addresses", IdentityAddress, func(a *attempt) {
			a.assertion().Attributes = append(a.assertion().Attributes, samlsptest.Attribute{Name: "email", Values: []string{"admin@acme.example"}})
		}),
		who("an address and something that is none", IdentityAddress, func(a *attempt) {
			a.assertion().Attributes[0].Values = []string{"ada@acme.example", "admin"}
		}),
		who("no attribute, the name id an address", accepted, func(a *attempt) { a.assertion().Attributes = nil }),
		who("an empty attribute, the name id an address", accepted, func(a *attempt) { a.assertion().Attributes[0].Values = []string{""} }),
		who("no attribute, the name id not said to be an address", accepted, func(a *attempt) { a.assertion().Attributes, a.assertion().Format = nil, "" }),
		who("no attribute, a persistent name id", IdentityAddress, func(a *attempt) {
			a.assertion().Attributes, a.assertion().Format = nil, FormatPersistent
		}),
		who("an address of two parts", IdentityAddress, func(a *attempt) {
			addressed("ada@evil.example@acme.example")(a)
			a.assertion().Format = FormatPersistent
		}),
		who("an address with a hidden character", IdentityAddress, func(a *attempt) {
			addressed("ada\u200b@acme.example")(a)
			a.assertion().Format = FormatPersistent
		}),
		who("an attribute that says administrator", accepted, func(a *attempt) {
			a.assertion().Attributes = append(a.assertion().Attributes, samlsptest.Attribute{Name: "role", Values: []string{"administrator"}})
		}),
		who("an element in an attribute's value", accepted, func(a *attempt) {
			a.assertion().Bend = replace("<saml:AttributeValue>ada@acme.example", "<saml:AttributeValue><saml:x>admin</saml:x>@acme.example")
		}),
		who("1,000 groups", accepted, func(a *attempt) {
			groups := make([]string, 1000)
			for n := range groups {
				groups[n] = "group-with-a-name-of-some-length"
			}
			a.assertion().Attributes = append(a.assertion().Attributes, samlsptest.Attribute{Name: "groups", Values: groups})
		}),
	}
}

func browserCases() []sample {
	in := func(name string, want Check, bend func(*attempt)) sample { return bent(browser, name, want, bend) }
	return []sample{
		in("login CSRF: an answer to the attacker's request in the victim's browser", MeaningRequest, func(a *attempt) { a.expected.Request = nil }),
		in("login CSRF: an answer to the attacker's request, the victim has one open", MeaningRequest, func(a *attempt) {
			a.expected.Request.ID = "_victim"
		}),
		in("login CSRF: an assertion that answers nothing, the victim has a request open", MeaningUnsolicited, func(a *attempt) {
			a.response.InResponseTo, a.confirmation().InResponseTo = "", ""
		}),
		in("an answer kept for later", MeaningConfirmed, func(a *attempt) { a.expected.Now = now.Add(10 * time.Minute) }),
		in("a RelayState that is a URL elsewhere", accepted, func(a *attempt) { a.form.Set("RelayState", "https://evil.example/") }),
		in("a RelayState over 80 bytes", accepted, func(a *attempt) { a.form.Set("RelayState", strings.Repeat("x", 81)) }),
		in("a RelayState with line breaks", accepted, func(a *attempt) { a.form.Set("RelayState", "x\r\nSet-Cookie: a=b") }),
		in("markup in a status message", StructureStatus, func(a *attempt) {
			a.response.Status = `<samlp:StatusCode Value="urn:&lt;script&gt;alert(1)&lt;/script&gt;"></samlp:StatusCode>`
		}),
		in("line breaks in an issuer", MeaningIssuer, func(a *attempt) { a.assertion().Issuer = "x\nlevel=ERROR msg=forged\r" }),
		in("text that turns around in an audience", MeaningAudience, func(a *attempt) { a.assertion().Audiences = []string{"https://\u202egro.live"} }),
		in("an issuer of 50,000 characters", MeaningIssuer, func(a *attempt) { a.assertion().Issuer = strings.Repeat("x", 50_000) }),
		in("a thousand audiences", MeaningAudience, func(a *attempt) {
			a.assertion().Audiences = strings.Split(strings.Repeat("https://other.example ", 1000), " ")[:1000]
		}),
		in("markup in a name", accepted, func(a *attempt) { a.assertion().Attributes[1].Values = []string{"<script>alert(1)</script>"} }),
	}
}
