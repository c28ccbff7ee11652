package samlsp

import (
	"fmt"
	"strings"
)

// unsigned are documents that vary where no signature covers them; signedly says where one does.
func xmlCases() []sample {
	return append(append(forbiddenCases(), boundCases()...), append(nameCases(), equalCases()...)...)
}

func tampered(name string, want Check, tamper func(string) string) sample {
	return bent(bytesOf, name, want, func(a *attempt) { a.tamper = tamper })
}

// before puts something before the document, after behind it.
func before(text string) func(string) string {
	return func(document string) string { return text + document }
}
func after(text string) func(string) string {
	return func(document string) string { return document + text }
}

func forbiddenCases() []sample {
	return []sample{
		tampered("a DOCTYPE", XMLDirective, before("<!DOCTYPE samlp:Response>")),
		tampered("a DOCTYPE with an entity", XMLDirective, before(`<!DOCTYPE r [<!ENTITY x "admin@acme.example">]>`)),
		tampered("a DOCTYPE with an external entity", XMLDirective, before(`<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>`)),
		tampered("a billion laughs", XMLDirective, before(`<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>`)),
		tampered("an entity that is not declared", XMLSyntax, extensions("&admin;")),
		tampered("a comment in a name id", XMLComment, replace("ada@acme.example", "ada@acme.example<!---->.evil.example")),
		tampered("a comment in an attribute's value", XMLComment, replace("<saml:AttributeValue>", "<saml:AttributeValue>admin@acme.example<!-- -->")),
		tampered("a comment in the digest", XMLComment, replace("<ds:DigestValue>", "<ds:DigestValue><!-- -->")),
		tampered("a comment in Extensions", XMLComment, extensions("<!-- -->")),
		tampered("a processing instruction in a name id", XMLInstruction, replace("ada@acme", "ada<?x y?>@acme")),
		tampered("a processing instruction in Extensions", XMLInstruction, extensions("<?x y?>")),
		tampered("a second XML declaration", XMLInstruction, extensions(`<?xml version="1.0"?>`)),
		tampered("CDATA in a name id", XMLCData, replace("ada@acme.example", "<![CDATA[ada@acme.example]]>")),
		tampered("CDATA in Extensions", XMLCData, extensions("<![CDATA[<saml:Assertion>]]>")),
		tampered("text after the root", XMLOutside, after("text")),
		tampered("a second root", XMLOutside, after("<x></x>")),
		tampered("a second response", XMLOutside, func(document string) string { return document + document }),
		tampered("text before the root", XMLOutside, before("text")),
		tampered("UTF-16, so it says", XMLEncoding, before(`<?xml version="1.0" encoding="UTF-16"?>`)),
		tampered("ISO 8859-1, so it says", XMLEncoding, before(`<?xml version="1.0" encoding='ISO-8859-1'?>`)),
		tampered("UTF-7, so it says", XMLEncoding, before(`<?xml version="1.0" encoding = "utf-7" ?>`)),
		tampered("bytes that are not UTF-8", XMLEncoding, extensions("\xff")),
		tampered("bytes of UTF-16", XMLEncoding, func(document string) string { return "\xff\xfe" + document }),
		tampered("XML 1.1", XMLSyntax, before(`<?xml version="1.1"?>`)),
		tampered("a null character", XMLSyntax, extensions("&#0;")),
		tampered("an end that fits no beginning", XMLSyntax, extensions("<a></b>")),
		tampered("an attribute without quotes", XMLSyntax, extensions("<a b=c></a>")),
		tampered("a document that ends too early", XMLSyntax, func(document string) string { return document[:len(document)-5] }),
		tampered("an end too many", XMLSyntax, after("</x>")),
		tampered("nothing", XMLSyntax, func(string) string { return "" }),
		tampered("a name that Go once wrote differently than it read", XMLSyntax, extensions("<x::R></x::R>")),
		tampered("an attribute that Go once wrote differently than it read", XMLSyntax, extensions(`<R ::a="1"></R>`)),
	}
}

func boundCases() []sample {
	deep := func(levels int) string {
		return strings.Repeat("<a>", levels) + strings.Repeat("</a>", levels)
	}
	wide := func(width int) string {
		var b strings.Builder
		for n := range width {
			fmt.Fprintf(&b, ` a%d="%d"`, n, n)
		}
		return "<a" + b.String() + "></a>"
	}
	bomb := func(declarations int) string {
		var b strings.Builder
		for n := range declarations {
			fmt.Fprintf(&b, ` xmlns:n%d="urn:%d"`, n, n)
		}
		return "<a" + b.String() + "></a>"
	}
	return []sample{
		tampered("32 levels", accepted, extensions(deep(30))),
		tampered("33 levels", XMLDepth, extensions(deep(31))),
		tampered("20,000 levels", XMLDepth, extensions(deep(20_000))),
		tampered("100 attributes", accepted, extensions(wide(100))),
		tampered("101 attributes", XMLWidth, extensions(wide(101))),
		tampered("10,000 attributes", XMLWidth, extensions(wide(10_000))),
		tampered("nearly 20,000 parts", accepted, extensions(strings.Repeat("<a/>", 9_950))),
		tampered("more than 20,000 parts", XMLTokens, extensions(strings.Repeat("<a/>", 10_001))),
		tampered("31 namespaces at one place", accepted, extensions(bomb(30))),
		tampered("a bomb of namespaces", XMLScope, extensions(bomb(99))),
		tampered("the same namespace at 9,000 places", accepted, extensions(strings.Repeat(`<a xmlns="b"/>`, 9_000))),
	}
}

func nameCases() []sample {
	return []sample{
		tampered("a name of nothing before its colon", XMLNames, extensions("<:a></:a>")),
		tampered("a name of nothing after its colon", XMLNames, extensions(`<samlp:></samlp:>`)),
		tampered("an attribute of nothing before its colon", XMLNames, extensions(`<a :b="c"></a>`)),
		tampered("an attribute of nothing after its colon", XMLNames, extensions(`<a samlp:="c"></a>`)),
		tampered("a declaration of nothing", XMLNames, extensions(`<a xmlns:="c"></a>`)),
		tampered("a number after the colon", XMLRoundTrip, extensions(`<samlp:1></samlp:1>`)),
		tampered("a prefix that nobody declared", XMLNamespaces, extensions("<zz:a></zz:a>")),
		tampered("a prefix of an attribute that nobody declared", XMLNamespaces, extensions(`<a zz:b="c"></a>`)),
		tampered("a prefix declared as nothing", XMLNamespaces, extensions(`<a xmlns:b=""></a>`)),
		tampered("xml declared anew", XMLNamespaces, extensions(`<a xmlns:xml="urn:x"></a>`)),
		tampered("xmlns declared anew", XMLNamespaces, extensions(`<a xmlns:xmlns="urn:x"></a>`)),
		tampered("xml's namespace for another prefix", XMLNamespaces, extensions(`<a xmlns:b="http://www.w3.org/XML/1998/namespace"></a>`)),
		tampered("an attribute twice", XMLAttributes, extensions(`<a b="1" b="2"></a>`)),
		tampered("an ID of the response twice", XMLAttributes, replace(`ID="_r1"`, `ID="_r1" ID="_r2"`)),
		tampered("an attribute twice by two prefixes", XMLAttributes, extensions(`<a xmlns:p="urn:x" xmlns:q="urn:x" p:b="1" q:b="2"></a>`)),
		tampered("saml rebound to another namespace", StructurePlace, replace("<saml:Assertion "+`xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"`, `<saml:Assertion xmlns:saml="urn:x"`)),
		tampered("samlp rebound to another namespace", StructureRoot, replace(`xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"`, `xmlns:samlp="urn:x"`)),
	}
}

// equalCases are documents that say the same in another way: canonicalization makes them the one that was signed.
func equalCases() []sample {
	return []sample{
		tampered("an XML declaration", accepted, before(`<?xml version="1.0" encoding="UTF-8"?>`+"\n")),
		tampered("utf-8 in lower case", accepted, before(`<?xml version='1.0' encoding='utf-8'?>`)),
		tampered("a byte order mark", accepted, before("\xef\xbb\xbf")),
		tampered("white space around the root", accepted, func(document string) string { return "\n " + document + "\n\n" }),
		tampered("empty elements in short", accepted, func(document string) string {
			return strings.ReplaceAll(document, "></saml:SubjectConfirmationData>", "/>")
		}),
		tampered("attributes in another order", accepted, replace(`ID="_a1" IssueInstant="`+at(0)+`"`, `IssueInstant="`+at(0)+`"   ID="_a1"`)),
		tampered("single quotes", accepted, replace(`ID="_a1"`, `ID='_a1'`)),
		tampered("a letter as a number", accepted, replace("ada@acme", "&#97;d&#x61;@acme")),
		tampered("namespaces declared that nobody uses", accepted, replace("<samlp:Response ", `<samlp:Response xmlns:xs="http://www.w3.org/2001/XMLSchema" `)),
		tampered("carriage returns between elements", accepted, replace("<samlp:Status>", "\r\n<samlp:Status>")),
		tampered("white space between signed elements", SignatureValue, replace("<saml:Subject>", "\n<saml:Subject>")),
		tampered("a namespace within that the signature covers", SignatureValue, replace("<saml:Subject>", `<saml:Subject xmlns="urn:x"><x xmlns=""/>`)),
	}
}
