// Package scim is the protocol SCIM 2.0 (RFC 7643, 7644, 9865) as identity providers speak it: it reads what they send, says what it
// changes and what it asks for, and writes answers. It knows no table, no HTTP and no clock.
//
//	ReadCreate, ReadReplace, ReadPatch   the body of a POST, PUT or PATCH to an Edit: judged by the schema before anything is read
//	Edit.Apply                           an Edit and a Resource to Changes: attributes with both values, members added and removed
//	ReadQuery, ReadSearch                the parameters of a list to a Query: Filter, Order, Page, Projection
//	Filter.Plan, Resource.Keys           by which look-ups a filter is answered, and which ones a resource is to be found by
//	Filter.Match, Order.Compare          what was found, judged and sorted
//	Projection.Apply, List, Error        answers; ServiceProviderConfig, Schemas, ResourceTypes describe the server
//	ReadBulk, BulkResponse               several requests in one, with the ids that their references mean
//	SealCursor, OpenCursor               cursors that hold for one walk
//
// A resource is what the client sent of it, in the schema's spelling of names and otherwise letter for letter: nothing is normalised
// but what compares (Fold). The server adds id and meta (Resource.Identified), the groups of a user and the members of a group, which are
// apart: an Edit never needs them and only tells who is added and removed.
//
// Every refusal is an *Error, with a status, a scimType and a sentence for the IdP's administrator. What the package refuses, beside what the
// RFCs refuse: groups within groups, questions that would read all members of a group, and whatever is larger or deeper than an IdP
// sends. What it passes over without refusing is in Edit.Notes.
//
// A password is read over: it is in no Edit, Resource, Change or Error.
package scim
