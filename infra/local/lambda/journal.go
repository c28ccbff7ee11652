package lambda

import (
	"bufio"
	"bytes"
	"fmt"
	"math"
	"os"
	"strings"
	"time"
)

// mark begins a line of the platform in an instance's journal; the request id follows, then a tab and the line.
const mark = "\x1e"

// longestLine is where a printed line is cut in two.
const longestLine = 64 * 1024

// say writes lines of the platform between the instance's own prints. What the instance prints from then on belongs to the
// request id. A line that it left unfinished is ended.
func (inst *instance) say(requestID string, lines ...string) {
	var b strings.Builder
	for _, line := range lines {
		fmt.Fprintf(&b, "\n%s%s\t%s", mark, requestID, strings.ReplaceAll(line, "\n", " "))
	}
	b.WriteByte('\n')
	_, _ = inst.journal.WriteString(b.String()) // closed only when the instance is gone, then there is nothing to tell
}

// relay passes on what an instance prints until all who write have closed the pipe.
func (p *Pool) relay(function string, prints *os.File) {
	reader := bufio.NewReaderSize(prints, longestLine)
	requestID := ""
	for {
		line, _, err := reader.ReadLine()
		if err != nil {
			return
		}
		if said, ok := bytes.CutPrefix(line, []byte(mark)); ok {
			id, rest, _ := bytes.Cut(said, []byte("\t"))
			requestID, line = string(id), rest
		}
		if len(line) > 0 {
			p.config.Log.Log(function, requestID, string(line))
		}
	}
}

// measure completes the result of an invocation that is over. Pool.mu is held.
func (inst *instance) measure(inv *invocation) {
	inv.result.Duration = time.Since(inv.begin)
	inv.result.InitDuration = inst.initTime
	inv.result.MemoryMB = megabytes(inst.memory)
	inst.function.invocations++
	if inv.platform != nil {
		inst.function.cutOff++
	}
	inst.function.memory = max(inst.function.memory, inst.memory)
	inst.initTime = 0
}

// report says how the invocation ended, in the words of Lambda's own log.
func (p *Pool) report(inst *instance, inv *invocation) {
	var lines []string
	if inv.platform != nil {
		lines = append(lines, fmt.Sprintf("RequestId: %s Error: %s", inv.id, inv.platform.message))
	}
	r := inv.result
	line := fmt.Sprintf("REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %.0f ms\tMemory Size: %d MB\tMax Memory Used: %d MB",
		inv.id, milliseconds(r.Duration), math.Ceil(milliseconds(r.Duration)), inst.function.MemoryMB, r.MemoryMB)
	if r.InitDuration > 0 {
		line += fmt.Sprintf("\tInit Duration: %.2f ms", milliseconds(r.InitDuration))
	}
	inst.say(inv.id, append(lines, "END RequestId: "+inv.id, line)...)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
