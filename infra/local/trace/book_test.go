package trace

import (
	"fmt"
	"testing"
)

func TestFaultHoldsFromItsCallForItsTimes(t *testing.T) {
	b := NewBook()
	b.Open("r", "f", []Fault{{Kind: Throttle, At: 2, Times: 2}, {Kind: Kill, At: 5}})
	want := []string{"", Throttle, Throttle, "", Kill, ""}
	for i, kind := range want {
		number, fault := b.Begin("r", Call{Action: "GetItem"})
		if number != i+1 || fault != kind {
			t.Errorf("call %d: got number %d, fault %q; want fault %q", i+1, number, fault, kind)
		}
	}
}

func TestArmedFaultsMeetTheNextInvocationOnly(t *testing.T) {
	b := NewBook()
	b.Arm("f", []Fault{{Kind: Conflict, At: 1}})
	b.Open("other", "g", nil)
	b.Open("first", "f", nil)
	b.Open("second", "f", nil)
	for id, want := range map[string]string{"other": "", "first": Conflict, "second": ""} {
		if _, fault := b.Begin(id, Call{}); fault != want {
			t.Errorf("%s: fault %q, want %q", id, fault, want)
		}
	}
}

func TestClosedTraceStaysReadableAndMeetsNoFault(t *testing.T) {
	b := NewBook()
	b.Open("r", "f", []Fault{{Kind: Kill, At: 1}})
	b.Close("r")
	if _, fault := b.Begin("r", Call{Action: "Query"}); fault != "" {
		t.Errorf("a closed trace met %q", fault)
	}
	b.End("r", 1, Call{Action: "Query", Status: 200})
	if calls := b.Calls("r"); len(calls) != 1 || calls[0].Status != 200 {
		t.Errorf("calls = %+v", calls)
	}
}

func TestOldestTracesLeave(t *testing.T) {
	b := NewBook()
	for i := range Kept + 5 {
		b.Open(fmt.Sprint(i), "f", nil)
	}
	if _, known := b.Trace("4"); known {
		t.Error("trace 4 is still there")
	}
	if _, known := b.Trace("5"); !known {
		t.Error("trace 5 is gone")
	}
	if latest := b.Latest(2); len(latest) != 2 || latest[0].RequestID != fmt.Sprint(Kept+4) {
		t.Errorf("latest = %+v", latest)
	}
}

func TestTotalsStayWhenTracesLeave(t *testing.T) {
	b := NewBook()
	for i := range Kept + 5 {
		id := fmt.Sprint(i)
		b.Open(id, "f", nil)
		number, _ := b.Begin(id, Call{})
		b.End(id, number, Call{Service: "dynamodb", ReadUnits: 0.5, WriteUnits: 2})
	}
	if got := b.Totals()["f"]; got.Calls["dynamodb"] != Kept+5 || got.ReadUnits != (Kept+5)/2.0 || got.WriteUnits != 2*(Kept+5) {
		t.Errorf("%+v", got)
	}
}
