package template

import "maps"

// readTable reads a table. As DynamoDB, it refuses key attributes without a definition and definitions without a key.
func (r *reader) readTable(res *resource, s *section) Table {
	s.get("TableName")
	t := Table{
		ID:         res.id,
		Name:       r.name(res),
		ARN:        r.attribute(res.id, "Arn", res.line),
		Attributes: map[string]string{},
		Key:        s.keySchema(),
	}
	for _, d := range s.list("AttributeDefinitions") {
		t.Attributes[d.required("AttributeName")] = d.oneOf("AttributeType", "", "S", "N", "B")
		d.end(nil)
	}
	for _, i := range s.list("GlobalSecondaryIndexes") {
		t.Indexes = append(t.Indexes, i.index())
	}
	ttl := s.open("TimeToLiveSpecification")
	if ttl.truth("Enabled", false) {
		t.TTLAttribute = ttl.required("AttributeName")
	}
	ttl.get("AttributeName")
	ttl.end(nil)
	s.checkAttributes(t)
	s.end(noEffect.table)
	return t
}

func (s *section) keySchema() []KeyPart {
	var key []KeyPart
	for _, part := range s.list("KeySchema") {
		key = append(key, KeyPart{part.required("AttributeName"), part.oneOf("KeyType", "", "HASH", "RANGE")})
		part.end(nil)
	}
	if len(key) == 0 || len(key) > 2 || key[0].Type != "HASH" || key[len(key)-1].Type != []string{"HASH", "RANGE"}[len(key)-1] {
		s.refuse(s.value.line, "KeySchema takes a HASH key and at most one RANGE key after it")
	}
	return key
}

func (s *section) index() Index {
	i := Index{Name: s.required("IndexName"), Key: s.keySchema()}
	projection := s.open("Projection")
	i.Projection = projection.oneOf("ProjectionType", "", "ALL", "KEYS_ONLY", "INCLUDE")
	i.NonKey = projection.texts("NonKeyAttributes")
	if (len(i.NonKey) > 0) != (i.Projection == "INCLUDE") {
		projection.refuse(projection.value.line, "NonKeyAttributes belongs to ProjectionType INCLUDE")
	}
	projection.end(nil)
	s.end(noEffect.table)
	return i
}

func (s *section) checkAttributes(t Table) {
	unused := maps.Clone(t.Attributes)
	keys := append([]KeyPart{}, t.Key...)
	for _, i := range t.Indexes {
		keys = append(keys, i.Key...)
	}
	for _, part := range keys {
		if t.Attributes[part.Name] == "" {
			s.refuse(s.value.line, "key attribute %s is not in AttributeDefinitions", part.Name)
		}
		delete(unused, part.Name)
	}
	for name := range unused {
		s.refuse(s.value.line, "AttributeDefinitions: %s is in no key", name)
	}
}
