package template

import "encoding/json"

// readSecret reads a secret that CloudFormation generates. One whose value stands in the template is refused: a
// template is no place for secrets.
func (r *reader) readSecret(res *resource, s *section) Secret {
	s.get("Name")
	generate := s.open("GenerateSecretString")
	if generate.value.keys == nil {
		s.refuse(s.value.line, "GenerateSecretString is missing")
	}
	secret := Secret{
		ID:          res.id,
		Name:        r.name(res),
		ARN:         r.refValue(res),
		Template:    generate.text("SecretStringTemplate", ""),
		GenerateKey: generate.text("GenerateStringKey", ""),
		Length:      generate.number("PasswordLength", 32, 1, 4096),
		Exclude:     generate.truth("ExcludePunctuation", false),
	}
	if (secret.Template == "") != (secret.GenerateKey == "") {
		generate.refuse(generate.value.line, "SecretStringTemplate and GenerateStringKey go together")
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(secret.Template), &fields); secret.Template != "" && err != nil {
		generate.refuse(generate.value.line, "SecretStringTemplate is not a JSON object: %v", err)
	}
	generate.end(nil)
	s.end(noEffect.secret)
	return secret
}
