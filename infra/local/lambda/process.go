package lambda

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"

	"github.com/tenantry/tenantry/infra/local/template"
)

// starter starts processes that die with this one. Pdeathsig fires when the thread that forked ends, not the process, and
// Go ends threads as it likes: so all are started by one goroutine that holds its thread until the pool is empty.
type starter struct{ jobs chan func() }

func newStarter() starter {
	s := starter{jobs: make(chan func())}
	go func() {
		runtime.LockOSThread()
		for job := range s.jobs {
			job()
		}
	}()
	return s
}

// run does the job on the starter's thread and returns when it is done.
func (s starter) run(job func()) {
	done := make(chan struct{})
	s.jobs <- func() {
		defer close(done)
		job()
	}
	<-done
}

// end lets the thread go; what it started and still lives is killed by that.
func (s starter) end() { close(s.jobs) }

// command is the instance's process, not yet started: in a process group of its own, so that Ctrl-C in a terminal reaches
// the stack alone, which then ends its children in order.
func (p *Pool) command(inst *instance) *exec.Cmd {
	cmd := exec.Command(inst.function.binary)
	cmd.Dir = filepath.Dir(inst.function.binary)
	cmd.Env = p.environment(inst)
	cmd.Stdout = inst.journal
	cmd.Stderr = inst.journal
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	return cmd
}

// environment is what Lambda gives a function
// (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html), with the instance's own credentials, and of
// this process's environment nothing but PATH.
func (p *Pool) environment(inst *instance) []string {
	f := inst.function
	env := []string{
		"PATH=" + os.Getenv("PATH"),
		"LANG=en_US.UTF-8",
		"TZ=:UTC",
		"AWS_REGION=" + template.Region,
		"AWS_DEFAULT_REGION=" + template.Region,
		"AWS_ACCESS_KEY_ID=" + inst.key,
		"AWS_SECRET_ACCESS_KEY=" + inst.secret,
		"AWS_SESSION_TOKEN=" + inst.key,
		"AWS_LAMBDA_FUNCTION_NAME=" + f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=" + strconv.Itoa(f.MemoryMB),
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/" + f.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME=" + inst.key,
		"AWS_LAMBDA_RUNTIME_API=" + p.address + "/" + inst.key,
		"LAMBDA_TASK_ROOT=" + filepath.Dir(inst.function.binary),
		"_HANDLER=" + f.Handler,
	}
	for name, value := range f.Environment {
		env = append(env, name+"="+value)
	}
	return env
}
