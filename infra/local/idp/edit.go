package idp

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// This file is the forms of a directory's page: its people, its groups, and where it brings them. Each leads back to the page.

// back shows the directory again, or why nothing was changed.
func back(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		fail(w, err)
		return
	}
	http.Redirect(w, r, "/"+r.PathValue("directory"), http.StatusSeeOther)
}

// changePerson saves somebody, new without an id, or deletes.
func (p *IdP) changePerson(w http.ResponseWriter, r *http.Request) {
	id, name := r.PostFormValue("id"), r.PathValue("directory")
	if r.PostFormValue("do") == "delete" {
		back(w, r, p.removePerson(name, id))
		return
	}
	_, err := p.edit(name, func(d *Directory) error {
		at := slices.IndexFunc(d.People, func(one Person) bool { return one.ID == id })
		if at < 0 {
			at, d.People = len(d.People), append(d.People, Person{})
			id = d.Name + "-" + newID()[1:9]
		}
		one := &d.People[at]
		one.ID, one.FirstName, one.LastName, one.Email = id, field(r, "firstName"), field(r, "lastName"), field(r, "email")
		one.UserName, one.Phone, one.Department = field(r, "userName"), field(r, "phone"), field(r, "department")
		one.Disabled = r.PostFormValue("disabled") != ""
		*one = one.completed()
		return nil
	})
	back(w, r, err)
}

func field(r *http.Request, name string) string { return strings.TrimSpace(r.PostFormValue(name)) }

func (p *IdP) removePerson(name, id string) error {
	_, err := p.edit(name, func(d *Directory) error {
		d.People = slices.DeleteFunc(d.People, func(one Person) bool { return one.ID == id })
		for i, group := range d.Groups {
			d.Groups[i].Members = slices.DeleteFunc(slices.Clone(group.Members), func(one string) bool { return one == id })
		}
		return nil
	})
	return err
}

// changeGroup saves a group with the members that are ticked, new without an id, or deletes it.
func (p *IdP) changeGroup(w http.ResponseWriter, r *http.Request) {
	id := r.PostFormValue("id")
	_, err := p.edit(r.PathValue("directory"), func(d *Directory) error {
		at := slices.IndexFunc(d.Groups, func(one Group) bool { return one.ID == id })
		if r.PostFormValue("do") == "delete" {
			d.Groups = slices.DeleteFunc(d.Groups, func(one Group) bool { return one.ID == id })
			return nil
		}
		if at < 0 {
			at, d.Groups = len(d.Groups), append(d.Groups, Group{ID: d.Name + "-" + newID()[1:9]})
		}
		d.Groups[at].Name, d.Groups[at].Members = field(r, "name"), slices.Clone(r.PostForm["member"])
		return nil
	})
	back(w, r, err)
}

// provision saves where the directory brings its people, or calls there.
func (p *IdP) provision(w http.ResponseWriter, r *http.Request) {
	var err error
	name := r.PathValue("directory")
	switch do := r.PostFormValue("do"); do {
	case "save":
		_, err = p.edit(name, func(d *Directory) error {
			Change{Provisioning: &Provisioning{Endpoint: field(r, "endpoint"), Token: field(r, "token"), Way: Way(field(r, "way"))}}.apply(d)
			return nil
		})
	case "try":
		_, err = p.Try(r.Context(), name)
	case "push":
		_, err = p.Push(r.Context(), name)
	case "forget":
		err = p.Forget(name)
	default:
		err = fmt.Errorf("%q is nothing that the form does: %w", do, ErrInvalid)
	}
	back(w, r, err)
}
