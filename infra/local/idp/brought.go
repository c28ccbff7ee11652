package idp

// This file writes down what a push has brought, after each call: a push that is cut off is gone on with by the next.

func (r *run) keepPerson(id string, as sent) error {
	return r.write(func(to *Provisioning) { to.People = with(to.People, id, as) })
}

func (r *run) dropPerson(id string) error {
	return r.write(func(to *Provisioning) { delete(to.People, id) })
}

func (r *run) keepGroup(id string, as sentGroup) error {
	return r.write(func(to *Provisioning) { to.Groups = with(to.Groups, id, as) })
}

func (r *run) dropGroup(id string) error {
	return r.write(func(to *Provisioning) { delete(to.Groups, id) })
}

// write changes what was brought, in the run and in the directory, which may have got another server meanwhile.
func (r *run) write(change func(*Provisioning)) error {
	change(r.directory.Provisioning)
	_, err := r.idp.edit(r.directory.Name, func(d *Directory) error {
		if d.Provisioning != nil && d.Provisioning.Endpoint == r.directory.Provisioning.Endpoint {
			change(d.Provisioning)
		}
		return nil
	})
	return err
}

func with[T any](all map[string]T, id string, one T) map[string]T {
	if all == nil {
		all = map[string]T{}
	}
	all[id] = one
	return all
}
