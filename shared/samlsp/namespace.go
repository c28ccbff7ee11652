package samlsp

// The namespaces and the values of SAML and what it stands on.
const (
	nsProtocol  = "urn:oasis:names:tc:SAML:2.0:protocol"
	nsAssertion = "urn:oasis:names:tc:SAML:2.0:assertion"
	nsMetadata  = "urn:oasis:names:tc:SAML:2.0:metadata"
	nsSignature = "http://www.w3.org/2000/09/xmldsig#"
	nsEncrypted = "http://www.w3.org/2001/04/xmlenc#"
	nsEnc11     = "http://www.w3.org/2009/xmlenc11#"
	nsExclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
	nsInstance  = "http://www.w3.org/2001/XMLSchema-instance"
	nsXML       = "http://www.w3.org/XML/1998/namespace"
	nsXMLNS     = "http://www.w3.org/2000/xmlns/"

	statusPrefix  = "urn:oasis:names:tc:SAML:2.0:status:"
	statusSuccess = statusPrefix + "Success"
	methodBearer  = "urn:oasis:names:tc:SAML:2.0:cm:bearer"

	// BindingRedirect and BindingPost are the bindings by which a request goes to the IdP (bindings 3.4, 3.5).
	BindingRedirect = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
	BindingPost     = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
)

// The formats of name ids that mean something here (core 8.3).
const (
	FormatUnspecified = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
	FormatEmail       = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
	FormatPersistent  = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
	FormatTransient   = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
)

// The algorithms that are accepted, by their identifiers in XML Signature and XML Encryption (RFC 9231).
const (
	exclusive    = "http://www.w3.org/2001/10/xml-exc-c14n#"
	enveloped    = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
	digestSHA1   = "http://www.w3.org/2000/09/xmldsig#sha1"
	digestSHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
	digestSHA384 = "http://www.w3.org/2001/04/xmldsig-more#sha384"
	digestSHA512 = "http://www.w3.org/2001/04/xmlenc#sha512"
	rsaSHA256    = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
	rsaSHA384    = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"
	rsaSHA512    = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"
	ecSHA256     = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
	ecSHA384     = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"
	ecSHA512     = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"
	aes128GCM    = "http://www.w3.org/2009/xmlenc11#aes128-gcm"
	aes192GCM    = "http://www.w3.org/2009/xmlenc11#aes192-gcm"
	aes256GCM    = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
	aes128CBC    = "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
	aes192CBC    = "http://www.w3.org/2001/04/xmlenc#aes192-cbc"
	aes256CBC    = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
	rsaOAEP      = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"
	rsaOAEP11    = "http://www.w3.org/2009/xmlenc11#rsa-oaep"
	mgf1Prefix   = "http://www.w3.org/2009/xmlenc11#mgf1"
)
