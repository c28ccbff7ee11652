// Package directory is what an identity provider says of the people of a tree and what follows from it: what it sent (Document), in the
// order in which it came (Walk), found by what it is asked for; groups, who is in them, which group is mapped to which role, and from
// these, as a pure function, the one organization and role that a user has (Resolve).
//
// Resolve knows neither time nor order: whichever way a user came into groups and left them, the same groups give the same role. It
// refuses nothing, since a request of an IdP is never refused for its consequences: who is in several mapped groups gets the
// highest-ranked mapping and shows as a conflict.
package directory
