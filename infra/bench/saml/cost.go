package main

import (
	"runtime"
	"syscall"
	"time"
)

// rounds is how often everything is measured; the quickest round counts, since others share the machine.
const rounds = 5

// cost gives what one call takes: microseconds of the processor in the quickest round, bytes and allocations on average.
func cost(call func() error) (microseconds float64, bytes, allocations int64) {
	times := calls(call)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range rounds {
		begun := processor()
		for range times {
			_ = call() // it was tried before
		}
		each := float64((processor() - begun).Nanoseconds()) / 1000 / float64(times)
		if microseconds == 0 || each < microseconds {
			microseconds = each
		}
	}
	runtime.ReadMemStats(&after)
	all := uint64(rounds * times)
	return microseconds, int64((after.TotalAlloc - before.TotalAlloc) / all), int64((after.Mallocs - before.Mallocs) / all)
}

// calls gives how often to call in a round: for some 50 ms.
func calls(call func() error) int {
	begun, times := processor(), 0
	for processor()-begun < 50*time.Millisecond {
		_ = call()
		times++
	}
	return times
}

// processor gives the time that this process had on the processor.
func processor() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
