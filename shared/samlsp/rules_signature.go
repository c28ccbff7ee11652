package samlsp

// signatureRules are the rules for signatures and for encryption.
var signatureRules = []Rule{
	{SignatureShape, StepSignature, "A signature has what it must have, once and in order, and carries nothing else.",
		"XML Signature 4; CVE-2025-29774: a second SignedInfo; forged content in an Object", "", false},
	{SignatureCanonical, StepSignature, "The signature is made over exclusive canonical XML without comments.",
		"core 5.4.3", "Use exclusive canonicalization (exc-c14n).", false},
	{SignatureAlgorithm, StepSignature, "The signature is RSA or ECDSA with SHA-256, SHA-384 or SHA-512.",
		"RFC 9231 2.3; SHA-1 is broken (SHA-1 is a Shambles, 2020), an HMAC would take our certificate for a secret", "Choose RSA-SHA256 as the signature algorithm.", false},
	{SignatureReferences, StepSignature, "A signature refers to one thing.",
		"core 5.4.2; CVE-2026-33487: several references confuse which one counts", "", false},
	{SignatureURI, StepSignature, "A signature refers to the element that it stands in, by its ID.",
		"core 5.4.2; XSW1 to XSW8", "", false},
	{SignatureTransforms, StepSignature, "What is signed is the element without the signature, in exclusive canonical form, and nothing else was done to it.",
		"core 5.4.4; XPath and XSLT transforms cut out what they like", "Use the transforms enveloped-signature and exc-c14n.", false},
	{SignatureDigest, StepSignature, "The digest is SHA-256, SHA-384 or SHA-512.",
		"RFC 9231 2.1", "Choose SHA-256 as the digest algorithm.", false},
	{SignatureKey, StepSignature, "The key is RSA of 2048 bits at least, or on the curve P-256, P-384 or P-521.",
		"NIST SP 800-131A", "Make a new signing certificate with a key of 2048 bits or more.", false},
	{SignatureCertificate, StepSignature, "The certificate that signed is within its validity, where the connection insists on it.",
		"SAML V2.0 Metadata Interoperability Profile 2.6.1 leaves it to the parties", "Renew the signing certificate at the IdP, and add the new one here.", false},
	{SignatureValue, StepSignature, "The signature holds with a certificate of this connection.",
		"core 5; by russellhaering/goxmldsig", "Compare the signing certificate at the IdP with those here, and add it if it was renewed.", false},
	{SignaturePresent, StepSignature, "The assertion is signed, by itself or by a signature of the response around it.",
		"profiles 4.1.3.5", "Let the IdP sign the assertion.", false},

	{EncryptionAlgorithm, StepEncryption, "An encrypted assertion is AES (GCM or CBC), its key RSA-OAEP.",
		"XML Encryption 1.1 5.2 and 5.5; RSA with PKCS #1 v1.5 is an oracle (Bleichenbacher)", "Choose AES-256-GCM, or AES-256-CBC, with RSA-OAEP for the key.", false},
	{EncryptionContent, StepEncryption, "An encrypted assertion opens with a key of ours and holds an assertion.",
		"core 6.2; one answer for all that can go wrong: How to Break XML Encryption, CCS 2011", "Take the encryption certificate from our metadata anew, or send assertions unencrypted.", false},
}
