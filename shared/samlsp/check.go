package samlsp

// Check names one check of the pipeline; it is the code of the refusal where the check fails, stable for logs and tests.
type Check string

// Step is the part of the pipeline that a check belongs to.
type Step string

// The steps, in their order.
const (
	StepForm       Step = "form"
	StepEncoding   Step = "encoding"
	StepXML        Step = "xml"
	StepStructure  Step = "structure"
	StepSignature  Step = "signature"
	StepEncryption Step = "encryption"
	StepMeaning    Step = "meaning"
	StepIdentity   Step = "identity"
)

// The checks, in the order of the pipeline; Rules says what each demands.
const (
	FormMediaType Check = "form.media-type"
	FormSize      Check = "form.size"
	FormFields    Check = "form.fields"

	EncodingBase64 Check = "encoding.base64"
	EncodingSize   Check = "encoding.size"

	XMLEncoding    Check = "xml.encoding"
	XMLSyntax      Check = "xml.syntax"
	XMLDirective   Check = "xml.directive"
	XMLInstruction Check = "xml.instruction"
	XMLComment     Check = "xml.comment"
	XMLCData       Check = "xml.cdata"
	XMLOutside     Check = "xml.outside"
	XMLTokens      Check = "xml.tokens"
	XMLDepth       Check = "xml.depth"
	XMLWidth       Check = "xml.width"
	XMLNames       Check = "xml.names"
	XMLScope       Check = "xml.scope"
	XMLNamespaces  Check = "xml.namespaces"
	XMLAttributes  Check = "xml.attributes"
	XMLRoundTrip   Check = "xml.round-trip"

	StructureRoot       Check = "structure.root"
	StructureVersion    Check = "structure.version"
	StructureStatus     Check = "structure.status"
	StructureIDs        Check = "structure.ids"
	StructureAssertion  Check = "structure.assertion"
	StructurePlace      Check = "structure.place"
	StructureSignatures Check = "structure.signatures"

	SignatureShape       Check = "signature.shape"
	SignatureCanonical   Check = "signature.canonicalization"
	SignatureAlgorithm   Check = "signature.algorithm"
	SignatureReferences  Check = "signature.references"
	SignatureURI         Check = "signature.uri"
	SignatureTransforms  Check = "signature.transforms"
	SignatureDigest      Check = "signature.digest"
	SignatureKey         Check = "signature.key"
	SignatureCertificate Check = "signature.certificate"
	SignatureValue       Check = "signature.value"
	SignaturePresent     Check = "signature.present"

	EncryptionAlgorithm Check = "encryption.algorithm"
	EncryptionContent   Check = "encryption.content"

	MeaningShape          Check = "meaning.shape"
	MeaningVersion        Check = "meaning.version"
	MeaningIssuer         Check = "meaning.issuer"
	MeaningResponseIssuer Check = "meaning.response-issuer"
	MeaningIssued         Check = "meaning.issued"
	MeaningDestination    Check = "meaning.destination"
	MeaningNameID         Check = "meaning.name-id"
	MeaningConfirmation   Check = "meaning.confirmation"
	MeaningRecipient      Check = "meaning.recipient"
	MeaningRequest        Check = "meaning.request"
	MeaningUnsolicited    Check = "meaning.unsolicited"
	MeaningAnswers        Check = "meaning.answers"
	MeaningConfirmed      Check = "meaning.confirmed"
	MeaningConfirmFrom    Check = "meaning.confirm-from"
	MeaningNotBefore      Check = "meaning.not-before"
	MeaningExpired        Check = "meaning.expired"
	MeaningLifetime       Check = "meaning.lifetime"
	MeaningAudience       Check = "meaning.audience"
	MeaningConditions     Check = "meaning.conditions"
	MeaningStatement      Check = "meaning.statement"
	MeaningSession        Check = "meaning.session"
	MeaningSignedIn       Check = "meaning.signed-in"
	MeaningFresh          Check = "meaning.fresh"
	MeaningContext        Check = "meaning.context"

	IdentityAddress Check = "identity.address"
	IdentityDomain  Check = "identity.domain"
)

// Rule is what a check demands.
type Rule struct {
	Check  Check
	Step   Step
	Demand string // a sentence for the wizard's list of checks
	Source string // where the rule comes from
	Change string // what to change at the IdP, for the administrator; empty where a person did nothing wrong
	Spared bool   // a sentence that blames nobody is shown to the member: trying again helps
}

// Rule gives the rule of the check; the zero Rule for a check that does not exist.
func (c Check) Rule() Rule {
	for _, rule := range Rules() {
		if rule.Check == c {
			return rule
		}
	}
	return Rule{}
}

// Rules gives the rules of all checks in the order of the pipeline.
func Rules() []Rule {
	rules := make([]Rule, 0, len(messageRules)+len(signatureRules)+len(meaningRules))
	rules = append(rules, messageRules...)
	rules = append(rules, signatureRules...)
	return append(rules, meaningRules...)
}
