package e2e

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
)

// aDomain is what these tests read of a domain.
type aDomain struct {
	ID, Name, ASCIIName, Status, AtRiskSince, LostAt string
	Users                                            int
	Record                                           struct {
		Type, Host, Value string
		TTL               int
	}
	LastCheck *struct {
		At, Outcome, Slip, Hint string
		Found                   []struct{ Host, Value string }
	}
}

func domainsOf(org string) string { return "/v1/organizations/" + org + "/domains" }

func domainPath(org, id string) string { return domainsOf(org) + "/" + id }

// setDNS puts records of a name into the stack's DNS; a value is a text, or the texts of one TXT record.
func setDNS(t testing.TB, name, kind string, values ...any) {
	t.Helper()
	stack.Local(t, "PUT", "dns/"+name+"/"+kind, values)
}

// failDNS has a name and all below it fail.
func failDNS(t testing.TB, name, kind string) {
	t.Helper()
	stack.Local(t, "PUT", "dns/"+name+"/failure", map[string]string{"kind": kind})
}

// asked is how often a name was asked for.
func asked(t testing.TB, name string) int {
	t.Helper()
	var found struct{ Queries int }
	stack.Local(t, "GET", "dns/"+name+"/queries", nil).JSON(t, &found)
	return found.Queries
}

// someDomain is a name that no other test has.
func someDomain() string { return "d" + unique() + ".example" }

// register registers a domain with the organization, by the tree's administrator.
func (tree *Tree) register(t testing.TB, org, name string) aDomain {
	t.Helper()
	var d aDomain
	tree.Admin.DoWithKey(t, "POST", domainsOf(org), map[string]string{"name": name}).Expect(t, 201).JSON(t, &d)
	return d
}

// publish puts the record of a domain into DNS.
func (d aDomain) publish(t testing.TB) { setDNS(t, d.Record.Host, "TXT", d.Record.Value) }

// hide takes the record out of DNS.
func (d aDomain) hide(t testing.TB) { stack.Local(t, "DELETE", "dns/"+d.Record.Host+"/TXT", nil) }

// verify looks for the record of a domain now.
func (tree *Tree) verify(t testing.TB, org string, d aDomain) aDomain {
	t.Helper()
	tree.Admin.DoWithKey(t, "POST", domainPath(org, d.ID)+"/verify", nil).Expect(t, 200).JSON(t, &d)
	return d
}

// verified registers and proves a domain.
func (tree *Tree) verified(t testing.TB, org, name string) aDomain {
	t.Helper()
	d := tree.register(t, org, name)
	d.publish(t)
	if d = tree.verify(t, org, d); d.Status != "verified" {
		t.Fatalf("the domain is not verified: %+v", d)
	}
	return d
}

// domain is a domain as it is now.
func (tree *Tree) domain(t testing.TB, org string, d aDomain) aDomain {
	t.Helper()
	tree.Admin.DoWithKey(t, "GET", domainPath(org, d.ID), nil).Expect(t, 200).JSON(t, &d)
	return d
}

// removeDomain removes a domain, confirmed with the number of users on it.
func (tree *Tree) removeDomain(t testing.TB, org string, d aDomain) {
	t.Helper()
	d = tree.domain(t, org, d)
	tree.Admin.DoWithKey(t, "DELETE", domainPath(org, d.ID)+"?confirm="+strconv.Itoa(d.Users), nil).Expect(t, 204)
}

// release has the platform release a domain, confirmed with the number of users that it tells; or is what refuses it.
func (tree *Tree) release(t testing.TB, org string, d aDomain) Answer {
	t.Helper()
	path, by := domainPath(org, d.ID)+"/release", platform(t)
	var asked struct {
		Type     string
		Affected int
	}
	answer := by.DoWithKey(t, "POST", path, nil)
	if json.Unmarshal(answer.Body, &asked) != nil || !strings.HasSuffix(asked.Type, ":confirmation-required") {
		return answer
	}
	return by.DoWithKey(t, "POST", path+"?confirm="+strconv.Itoa(asked.Affected), nil)
}

var domainChanges = map[string]func(testing.TB, *Tree) situation{
	"create-domain": func(t testing.TB, tree *Tree) situation {
		name := someDomain()
		is := there("TREE#"+tree.Org, "DOMAIN#"+name)
		return byKey(tree.Admin, "POST", domainsOf(tree.Org), map[string]string{"name": name}, is, not(is))
	},
	"verify-domain": func(t testing.TB, tree *Tree) situation {
		d := tree.register(t, tree.Org, someDomain())
		d.publish(t)
		claimed := there("DOMAIN#"+d.Name, "CLAIM")
		return byKey(tree.Admin, "POST", domainPath(tree.Org, d.ID)+"/verify", nil, claimed, not(claimed))
	},
	"delete-domain": func(t testing.TB, tree *Tree) situation {
		d := tree.verified(t, tree.Org, someDomain())
		is := there("ORG#"+tree.Org, "DOMAIN#"+d.ID)
		return byKey(tree.Admin, "DELETE", domainPath(tree.Org, d.ID)+"?confirm=0", nil, not(is), is)
	},
	"release-domain": func(t testing.TB, tree *Tree) situation {
		d := tree.verified(t, tree.Org, someDomain())
		claimed := there("DOMAIN#"+d.Name, "CLAIM")
		return byKey(platform(t), "POST", domainPath(tree.Org, d.ID)+"/release?confirm=0", nil, not(claimed), claimed)
	},
}

// domainsInOrder checks what must hold of the domains of a tree: each name that the tree has registered is a domain of the
// organization that it names, a verified one is claimed and looked at again, and no other is. It counts those of each
// organization.
func domainsInOrder(t testing.TB, tree map[string]row, root string) map[string]int {
	t.Helper()
	o, counts := rawTable(t), map[string]int{}
	for sk, known := range tree {
		if known.text("sk") != sk || len(sk) < 8 || sk[:7] != "DOMAIN#" {
			continue
		}
		name, org, id := sk[7:], known.text("organization"), known.text("domain")
		claim, verified := o.item(t, "DOMAIN#"+name, "CLAIM"), known["verified"] == true
		if ours := claim.text("root") == root; ours != verified || ours && claim.text("domain") != id {
			t.Errorf("%s of %s is verified: %v; its claim is %v", name, root, verified, claim)
		}
		if id == "" {
			continue
		}
		counts["ORG#"+org+"#DOMAINS"]++
		d := o.item(t, "ORG#"+org, "DOMAIN#"+id)
		if d.text("name") != name || d["verified"] != verified {
			t.Errorf("%s of %s is verified: %v; the domain is %v", name, root, verified, d)
		}
		if timed := o.item(t, "TIMER#domain#"+org+"/"+id, "TIMER") != nil; timed != verified {
			t.Errorf("%s of %s is verified: %v; it is looked at again: %v", name, root, verified, timed)
		}
	}
	return counts
}
