// Package samlsp is the service provider's side of SAML 2.0: it asks an identity provider (IdP) to sign somebody in, judges the
// answer, and reads and writes metadata. It knows no table, no HTTP framework and no clock: times come in, and who consumes a
// request or an assertion once is the caller's to do, in the transaction that signs somebody in.
//
// An answer goes through a pipeline in this order. Every check has a name (Check), a rule with its source (Rules), and can be
// switched off in a test build to show that it is needed. What fails is a *Refusal.
//
//	ReadForm   form        one SAMLResponse in a form, within bounds
//	Verify     encoding    strict base64, within bounds
//	           xml         the bytes, before anything else reads them: UTF-8, no DOCTYPE, comment, instruction or CDATA, depth, width
//	                       and number bounded, names and namespaces as they should be, every token stable. The tree that
//	                       everything else works on is built from the very tokens that were judged here
//	           structure   a Response with one assertion in its place, signatures in theirs, every ID once
//	           signature   of the response: what it may look like, then whether it holds with one of the certificates. From here
//	                       on only the verified bytes are read
//	           encryption  decrypts an encrypted assertion, whose text goes through the same gate
//	           signature   of the assertion, likewise; a message without any signature is refused
//	Judge      meaning     issuer, recipient, audience, times, the request that is answered; all of them, so that an administrator
//	                       sees everything that is wrong at once
//	Identify   identity    one address, in a domain of the connection
//
// Verify needs nothing but the connection, so a message whose signature fails touches no request. Judge takes the open request of
// the browser; the request's id to look for is Message.InResponseTo, read from verified bytes where the assertion says it.
//
// The package refuses SHA-1, keys under 2048 bits, RSA with PKCS #1 v1.5 for encryption, the artifact binding, logout, and
// everything unsigned. It dials nowhere.
package samlsp
