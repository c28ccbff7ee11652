package lambda

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"time"
)

// watchInterval is how often instances at work are looked at. The kernel keeps the peak, so a short excess is seen too.
const watchInterval = 25 * time.Millisecond

// watch enforces the memory size of instances that start or work, and stops those idle for long, until the pool is shut
// down. RLIMIT_AS would not do: Go reserves far more addresses than it uses memory.
func (p *Pool) watch() {
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-ticker.C:
			p.inspect(time.Now())
		}
	}
}

func (p *Pool) inspect(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, inst := range p.instances {
		switch {
		case inst.doomed:
		case inst.current != nil || !inst.ready:
			inst.memory = max(inst.memory, inst.peak())
			if inst.exceeds() {
				inst.kill(outOfMemory(inst.function.MemoryMB))
			}
		case !inst.idleSince.IsZero() && now.Sub(inst.idleSince) > p.config.Idle:
			inst.kill(nil)
		}
	}
}

// exceeds reports whether the instance was seen with more memory than its function has. Pool.mu is held.
func (inst *instance) exceeds() bool {
	return inst.memory > int64(inst.function.MemoryMB)<<20
}

// peak is the most resident memory the process has had so far in bytes, as the kernel counts it; 0 where there is no
// process to ask. Pool.mu is held.
func (inst *instance) peak() int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", inst.pid()))
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(status, []byte("\nVmHWM:"))
	line, _, _ := bytes.Cut(rest, []byte(" kB"))
	kilobytes, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 10, 64)
	if err != nil {
		return 0
	}
	return kilobytes << 10
}

func megabytes(b int64) int { return int((b + 1<<20 - 1) >> 20) }
