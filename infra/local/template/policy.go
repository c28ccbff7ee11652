package template

// policies reads the inline policy documents of a function. Names of managed policies and SAM's policy templates are
// refused: what they allow is not in the template, so nobody could see or check it here.
func (s *section) policies() []Statement {
	var all []Statement
	v := s.get("Policies")
	switch v.kind {
	case scalar:
		s.refuse(v.line, "Policies: managed policy %s is not something the local stack models, write the statements", v.text)
		return nil
	case list:
		for _, item := range v.items {
			if item.kind == scalar {
				s.refuse(item.line, "Policies: managed policy %s is not something the local stack models, write the statements", item.text)
				return nil
			}
		}
	}
	for _, document := range s.list("Policies") {
		if keys := document.value.keys; len(keys) == 1 && keys[0] != "Statement" {
			document.refuse(document.value.line, "policy template %s is not something the local stack models, write the statements", keys[0])
			continue
		}
		document.oneOf("Version", "2012-10-17", "2012-10-17")
		for _, statement := range document.list("Statement") {
			all = append(all, statement.statement())
		}
		document.end(nil)
	}
	return all
}

// statement reads one statement of a policy.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
func (s *section) statement() Statement {
	statement := Statement{
		Effect:    s.oneOf("Effect", "", "Allow", "Deny"),
		Actions:   s.texts("Action"),
		Resources: s.texts("Resource"),
	}
	if len(statement.Actions) == 0 || len(statement.Resources) == 0 {
		s.refuse(s.value.line, "a statement needs Action and Resource")
	}
	conditions := s.open("Condition")
	for _, operator := range conditions.value.keys {
		conditions.operator(&statement, operator)
	}
	s.end(noEffect.statement)
	return statement
}

// operator reads the lines under one condition operator. The list is what the stack's proxy evaluates.
func (s *section) operator(statement *Statement, operator string) {
	lines := s.open(operator)
	switch operator {
	case "StringEquals", "StringLike", "ForAllValues:StringEquals", "ForAllValues:StringLike":
	default:
		s.refuse(lines.value.line, "operator %s is not one the local stack evaluates", operator)
	}
	for _, key := range lines.value.keys {
		if key != "dynamodb:LeadingKeys" {
			s.refuse(lines.value.fields[key].line, "condition key %s is not one the local stack evaluates", key)
		}
		statement.Conditions = append(statement.Conditions, Condition{operator, key, lines.texts(key)})
	}
}
