package scim

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// Apply gives the changes that the edit makes to the resource as it is now, nil where it is created. It changes nothing of it; of a group
// it needs no members. What it refuses changes nothing.
func (e *Edit) Apply(current *Resource) (*Changes, error) {
	w := &workpiece{typ: e.typ, values: e.start(current)}
	for _, op := range e.operations {
		if err := w.do(op); err != nil {
			return nil, inOperation(err, op.number, e.sent)
		}
	}
	if e.whole {
		w.members.all = e.typ == Group && current != nil
		w.settle(current)
	}
	if err := e.judge(w, current); err != nil {
		return nil, err
	}
	after := &Resource{e.typ, w.values}
	members, err := w.members.result()
	return &Changes{Before: current, After: after, Attributes: differences(current, after), Members: members}, err
}

// start is what the operations begin with: what is there, or only what is the server's of it.
func (e *Edit) start(current *Resource) Object {
	values := Object{}
	if current == nil {
		return values
	}
	for name, value := range current.Values {
		a := e.typ.attribute(name)
		if !e.whole || a != nil && a.Mutability == readOnly {
			values[name] = clone(value)
		}
	}
	return values
}

// settle gives active, where a whole resource does not name it, what it was: neither does a leaver come back nor does anybody leave by
// its absence.
func (w *workpiece) settle(current *Resource) {
	if w.typ != User || w.values["active"] != nil {
		return
	}
	w.values["active"] = current == nil || current.Active()
}

// judge holds the result to what every resource keeps.
func (e *Edit) judge(w *workpiece, current *Resource) error {
	if current != nil && e.id != "" && current.Values["id"] != nil && e.id != current.Values["id"] {
		return Bad(Mutability, "The request has the id %s, which is not that of its address.", quoted(e.id))
	}
	for _, a := range e.typ.Schema.Attributes {
		if text, _ := w.values[a.Name].(string); a.Required && strings.TrimSpace(text) == "" {
			return Bad(InvalidValue, "%s needs a value.", a.Name)
		}
	}
	size, err := (&Resource{e.typ, w.values}).size()
	if err != nil || size <= largestUser {
		return err
	}
	// What is there already does not stand in the way of what makes it no larger: a leaver is always deactivated.
	if was, err := current.size(); err != nil || size <= was {
		return err
	}
	return Refused(http.StatusRequestEntityTooLarge, "The %s would have %d bytes. At most %d are kept.", e.typ.Name, size, largestUser)
}

// size is how many bytes the resource takes where it is stored, whether active or not; nothing takes none.
func (r *Resource) size() (int, error) {
	if r == nil {
		return 0, nil
	}
	kept := r.Kept()
	delete(kept, "active")
	written, err := json.Marshal(kept)
	return len(written), err
}

// workpiece is a resource that is being changed.
type workpiece struct {
	typ     *ResourceType
	values  Object
	members memberEdits
}

// do does one operation.
func (w *workpiece) do(op operation) error {
	at := op.path.at
	switch {
	case at.attribute == nil:
		delete(w.values, at.extension.URN)
		return nil
	case at.attribute.Apart:
		w.members.do(op)
		return nil
	case at.attribute.Multi:
		return w.several(op)
	case at.sub != nil:
		w.part(op)
	case op.verb == remove:
		w.unassign(at)
	default:
		w.put(at, w.whole(at, op.value))
	}
	return nil
}

// unassign takes an attribute away. Who is not active stays so: active is nothing from then on, and not as if it had never been sent.
func (w *workpiece) unassign(at place) {
	active := (&Resource{w.typ, w.values}).Active()
	if w.put(at, nil); !active && at.attribute.Name == "active" {
		w.values["active"] = nil
	}
}

// put gives an attribute its value; nil unassigns it, and what holds nothing any more goes with it.
func (w *workpiece) put(at place, value any) {
	holder := at.holder(w.values)
	if holder == nil {
		holder = Object{}
		w.values[at.extension.URN] = holder
	}
	if value == nil {
		delete(holder, at.attribute.Name)
	} else {
		holder[at.attribute.Name] = value
	}
	if at.extension != nil && len(holder) == 0 {
		delete(w.values, at.extension.URN)
	}
}

// part gives a part of a complex attribute with one value its value. What was known of another "value" goes with that.
func (w *workpiece) part(op operation) {
	at := op.path.at
	held, _ := at.holder(w.values)[at.attribute.Name].(Object)
	parts := Object{}
	maps.Copy(parts, held)
	if at.sub.Name == "value" && parts["value"] != op.value {
		parts = Object{}
	}
	if op.verb == remove {
		delete(parts, at.sub.Name)
	} else {
		parts[at.sub.Name] = op.value
	}
	if len(parts) == 0 {
		w.put(at, nil)
		return
	}
	w.put(at, parts)
}

// whole is the value that is put: where it is the same manager, what is known besides stays.
func (w *workpiece) whole(at place, value any) any {
	o, ok := value.(Object)
	held, there := at.holder(w.values)[at.attribute.Name].(Object)
	if !ok || !there || o["value"] != held["value"] {
		return clone(value)
	}
	return merged(held, o)
}

// merged is an object with the parts of another set.
func merged(held, set Object) Object {
	both := clone(held).(Object)
	maps.Copy(both, set)
	return both
}

// several changes an attribute with several values.
func (w *workpiece) several(op operation) error {
	at := op.path.at
	l := &valueList{at: at, values: slices.Clone(at.elements(w.values))}
	var err error
	switch {
	case op.path.filter != nil || at.sub != nil:
		err = l.change(op)
	case op.verb == remove:
		l.drop(op.value)
	case op.verb == add:
		l.append(op.value)
	default:
		l.values = nil
		l.append(op.value)
	}
	if err == nil {
		err = l.settle()
	}
	if err != nil {
		return err
	}
	if len(l.values) == 0 {
		w.put(at, nil)
		return nil
	}
	w.put(at, l.values)
	return nil
}

// same tells whether two values are the same.
func same(a, b any) bool { return reflect.DeepEqual(a, b) }
