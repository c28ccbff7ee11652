package idp

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestThePageChangesPeopleAndGroupsAndPushesThem(t *testing.T) {
	t.Parallel()
	server, endpoint := record(t)
	p := opened(t, "")
	site := httptest.NewServer(p.Handler())
	t.Cleanup(site.Close)
	post := func(form, fields string) (status int, text string) {
		t.Helper()
		values, err := url.ParseQuery(fields)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.PostForm(site.URL+"/acme/"+form, values)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		all, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(all)
	}
	for _, step := range []struct {
		form, fields string
		status       int
		shows        string
	}{
		{"provisioning", "do=push", 400, "give it an endpoint and a token"},
		{"provisioning", "do=save&endpoint=nowhere&token=secret&way=okta", 400, "must be the base URL"},
		{"provisioning", "do=save&token=secret&way=okta&endpoint=" + url.QueryEscape(endpoint), 200, "Push 13 changes"},
		{"provisioning", "do=dance", 400, "is nothing that the form does"},
		{"people", "do=save&firstName=Nina&lastName=Noor&email=nina@acme.example&department=Sales", 200, "Nina Noor"},
		{"people", "do=save&firstName=Nina&email=", 400, "has no email"},
		{"people", "do=save&id=acme-carla&firstName=Carla&lastName=Prats&email=carla@acme.example&disabled=yes", 200, "Carla Prats, disabled"},
		{"people", "do=delete&id=acme-kate", 200, "Push 12 changes"}, // less Kate and Carla, with Nina
		{"groups", "do=save&name=Night+shift&member=acme-hugo&member=acme-jack", 200, "Night shift"},
		{"groups", "do=save&name=", 400, "has no name"},
		{"groups", "do=save&id=acme-staff&name=Everybody&member=acme-derek", 200, "Everybody"},
		{"groups", "do=delete&id=acme-new", 200, "Push 12 changes"},
		{"provisioning", "do=try", 200, "GET /Users?startIndex=1"},
		{"provisioning", "do=push", 200, "Push 0 changes"},
		{"provisioning", "do=forget", 200, "has 0 people and 0 groups"},
	} {
		status, text := post(step.form, step.fields)
		if status != step.status || !strings.Contains(text, step.shows) {
			t.Errorf("%s %s: %d without %q:\n%s", step.form, step.fields, status, step.shows, text)
		}
		if strings.Contains(text, "secret") {
			t.Errorf("%s %s shows the token", step.form, step.fields)
		}
	}
	if v, err := p.Get("acme"); err != nil || len(v.People) != 9 || len(v.Groups) != 4 || server.made != 12 {
		t.Errorf("%d are made of %+v %v", server.made, v, err)
	}
}
