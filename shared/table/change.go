package table

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Change is what shall become of one item that is there. Only the named attributes are written: what another release keeps
// in the item survives (INS-5).
type Change struct {
	key       Key
	writes    []attributeWrite
	condition *expression.ConditionBuilder
	failed    func(old Item) error
}

// attributeWrite is what becomes of one attribute.
type attributeWrite struct {
	name string
	into func(expression.UpdateBuilder) expression.UpdateBuilder
}

// Edit begins a change of the item at key that must still have the version that was read; otherwise ErrChanged. The
// version grows by one.
func Edit(key Key, version int) *Change {
	c := Touch(key).Add("version", 1)
	return c.If(expression.Name("version").Equal(expression.Value(version)), ErrChanged)
}

// Touch begins a change of the item at key that leaves its version alone and, without If, makes the item where there is none.
func Touch(key Key) *Change { return &Change{key: key} }

// If adds a condition; failed is the error where it does not hold. With several, the last error stands for all.
func (c *Change) If(condition expression.ConditionBuilder, failed error) *Change {
	if c.condition != nil {
		condition = c.condition.And(condition)
	}
	c.condition, c.failed = &condition, answer(failed)
	return c
}

// IfThere has the change fail with missing where there is no item.
func (c *Change) IfThere(missing error) *Change {
	return c.If(expression.AttributeExists(expression.Name("pk")), missing)
}

// FailWith makes the error of a failed condition from the item as it was, nil where there was none.
func (c *Change) FailWith(failed func(old Item) error) *Change {
	c.failed = failed
	return c
}

// Set gives an attribute a value, any that attributevalue can marshal. Of several values, or a removal, the last one counts.
func (c *Change) Set(name string, value any) *Change {
	return c.become(name, func(u expression.UpdateBuilder) expression.UpdateBuilder {
		return u.Set(expression.Name(name), expression.Value(value))
	})
}

// SetIfAbsent gives an attribute a value unless it has one.
func (c *Change) SetIfAbsent(name string, value any) *Change {
	return c.become(name, func(u expression.UpdateBuilder) expression.UpdateBuilder {
		return u.Set(expression.Name(name), expression.IfNotExists(expression.Name(name), expression.Value(value)))
	})
}

// Remove takes attributes away.
func (c *Change) Remove(names ...string) *Change {
	for _, name := range names {
		c.become(name, func(u expression.UpdateBuilder) expression.UpdateBuilder { return u.Remove(expression.Name(name)) })
	}
	return c
}

// Add adds to a number, 0 where there is none.
func (c *Change) Add(name string, n int) *Change {
	return c.also(name, func(u expression.UpdateBuilder) expression.UpdateBuilder {
		return u.Add(expression.Name(name), expression.Value(n))
	})
}

// SetTexts makes a set consist of the texts; without any there is no set.
func (c *Change) SetTexts(name string, members ...string) *Change {
	if len(members) == 0 {
		return c.Remove(name)
	}
	return c.Set(name, &types.AttributeValueMemberSS{Value: members})
}

// Include puts texts into a set.
func (c *Change) Include(name string, members ...string) *Change {
	return c.also(name, func(u expression.UpdateBuilder) expression.UpdateBuilder {
		return u.Add(expression.Name(name), expression.Value(&types.AttributeValueMemberSS{Value: members}))
	})
}

// Exclude takes texts out of a set.
func (c *Change) Exclude(name string, members ...string) *Change {
	return c.also(name, func(u expression.UpdateBuilder) expression.UpdateBuilder {
		return u.Delete(expression.Name(name), expression.Value(&types.AttributeValueMemberSS{Value: members}))
	})
}

// Move puts the item into the list of an index, taking it out of where it was.
func (c *Change) Move(place Place) *Change {
	pk, sk := place.names()
	return c.Set(pk, place.PK).Set(sk, place.SK)
}

// Leave takes the item out of the list of an index.
func (c *Change) Leave(index int) *Change {
	pk, sk := Place{Index: index}.names()
	return c.Remove(pk, sk)
}

// become has the attribute become what this write says, whatever was said of it before.
func (c *Change) become(name string, into func(expression.UpdateBuilder) expression.UpdateBuilder) *Change {
	c.writes = slices.DeleteFunc(c.writes, func(w attributeWrite) bool { return w.name == name })
	return c.also(name, into)
}

func (c *Change) also(name string, into func(expression.UpdateBuilder) expression.UpdateBuilder) *Change {
	c.writes = append(c.writes, attributeWrite{name, into})
	return c
}

func (c *Change) update() *expression.UpdateBuilder {
	var update expression.UpdateBuilder
	for _, w := range c.writes {
		update = w.into(update)
	}
	return &update
}
