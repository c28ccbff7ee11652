package main

import (
	"slices"

	"github.com/tenantry/tenantry/shared/samlsp"
)

// Authentication contexts that say a sign-in took more than one factor. Entra ID says so in an attribute.
const (
	refedsMFA   = "https://refeds.org/profile/mfa"                             // https://refeds.org/profile/mfa
	entraMFA    = "http://schemas.microsoft.com/claims/multipleauthn"          // of the attribute below, and as a context
	entraMeans  = "http://schemas.microsoft.com/claims/authnmethodsreferences" // the ways in which somebody proved who they are
	mobileTwo   = "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract"
	timeSync    = "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken"
	smartcard   = "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI"
	mobileTwoUn = "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorUnregistered"
)

// several tells whether the IdP says that the sign-in took a second factor, which acting across trees needs (PER-3).
func several(a *samlsp.Assertion) bool {
	if slices.Contains(a.Attribute(entraMeans), entraMFA) {
		return true
	}
	return slices.ContainsFunc([]string{refedsMFA, entraMFA, mobileTwo, mobileTwoUn, timeSync, smartcard}, func(one string) bool {
		return slices.Contains(a.Contexts, one)
	})
}
