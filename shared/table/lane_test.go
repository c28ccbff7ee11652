package table

import (
	"testing"
	"time"
)

func TestAProcessKeepsToItsShardUntilItMeetsAnother(t *testing.T) {
	t.Parallel()
	now := time.Now()
	l := newLane()
	l.shard = 3
	for range 100 {
		now = now.Add(restBetween)
		if got := l.take(now); got != 3 {
			t.Fatalf("shard %d without having met anybody", got)
		}
	}
	l.leave(5) // it was on another one because its own rested
	if l.shard != 3 {
		t.Errorf("moved to %d for a meeting elsewhere", l.shard)
	}
	moved := false
	for range 100 {
		l.leave(l.shard)
		moved = moved || l.shard != 3
	}
	if !moved {
		t.Error("never moved on")
	}
}

func TestAShardRestsAfterUse(t *testing.T) {
	t.Parallel()
	now := time.Now()
	l := newLane()
	l.take(now)
	others := 0
	for range 100 {
		if l.take(now.Add(restBetween-1)) != l.shard {
			others++
		}
	}
	if others < 50 {
		t.Errorf("only %d of 100 changes in a row went elsewhere", others)
	}
}
