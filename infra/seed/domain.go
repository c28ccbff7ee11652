package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
)

// domain is what the seed reads of a domain.
type domain struct {
	ID, Name, Status string
	Record           struct{ Host, Type, Value string }
}

// domain registers a domain with the organization and proves it by its record in the stack's DNS.
func (w *world) domain(ctx context.Context, key, org, name string) error {
	list := "/v1/organizations/" + org + "/domains"
	var page struct{ Items []domain }
	if _, err := w.call(ctx, bearer(key), http.MethodGet, list+"?limit=200", nil, &page); err != nil {
		return err
	}
	var d domain
	for _, one := range page.Items {
		if one.Name == name {
			d = one
		}
	}
	if d.ID == "" {
		if _, err := w.call(ctx, bearer(key), http.MethodPost, list, map[string]string{"name": name}, &d); err != nil {
			return err
		}
	}
	record := w.local + "/dns/" + url.PathEscape(d.Record.Host) + "/" + d.Record.Type
	if _, err := w.send(ctx, http.MethodPut, record, []string{d.Record.Value}, nil, nil); err != nil {
		return err
	}
	if d.Status == "verified" {
		return nil
	}
	if _, err := w.call(ctx, bearer(key), http.MethodPost, list+"/"+d.ID+"/verify", nil, &d); err != nil {
		return err
	}
	if d.Status != "verified" {
		return errors.New("its record was not found, though it is in the stack's DNS")
	}
	return nil
}
