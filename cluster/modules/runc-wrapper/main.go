// A runc for hosts that lack a capability.
//
// Docker asks for every one when a container is privileged, and runc refuses what the host can't give. This strikes the missing ones from the request, then becomes runc.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// The names of Linux' capabilities; the place of each is its bit.
var names = strings.Fields(`CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP
	LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO
	SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE
	AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON
	BPF CHECKPOINT_RESTORE`)

func main() {
	runc, err := exec.LookPath("runc")
	if err != nil {
		fail(err)
	}
	if request := requestFile(os.Args[1:]); request != "" {
		if err := strike(request, missing()); err != nil {
			fail(err)
		}
	}
	fail(syscall.Exec(runc, append([]string{"runc"}, os.Args[1:]...), os.Environ()))
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "runc wrapper:", err)
	os.Exit(1)
}

// requestFile is the file of this call that lists capabilities: a process for exec, a bundle for create and run.
func requestFile(args []string) string {
	for _, arg := range args {
		switch arg {
		case "exec":
			return option(args, "--process", "-p")
		case "create", "run":
			bundle := option(args, "--bundle", "-b")
			if bundle == "" {
				bundle = "."
			}
			return filepath.Join(bundle, "config.json")
		}
	}
	return ""
}

func option(args []string, long, short string) string {
	for i, arg := range args {
		if (arg == long || arg == short) && i+1 < len(args) {
			return args[i+1]
		}
		if value, found := strings.CutPrefix(arg, long+"="); found {
			return value
		}
	}
	return ""
}

func missing() map[string]bool {
	found := map[string]bool{}
	status, err := os.Open("/proc/self/status")
	if err != nil {
		return found
	}
	defer status.Close()
	for lines := bufio.NewScanner(status); lines.Scan(); {
		hex, isBounding := strings.CutPrefix(lines.Text(), "CapBnd:")
		if !isBounding {
			continue
		}
		bits, err := strconv.ParseUint(strings.TrimSpace(hex), 16, 64)
		for bit, name := range names {
			if err == nil && bits&(1<<bit) == 0 {
				found["CAP_"+name] = true
			}
		}
	}
	return found
}

func strike(path string, missing map[string]bool) error {
	content, err := os.ReadFile(path)
	if err != nil || len(missing) == 0 {
		return nil // runc says better than we could what is wrong with it.
	}
	var request map[string]any
	decoder := json.NewDecoder(strings.NewReader(string(content)))
	decoder.UseNumber()
	if err := decoder.Decode(&request); err != nil {
		return err
	}
	process, isBundle := request["process"].(map[string]any)
	if !isBundle {
		process = request
	}
	sets, _ := process["capabilities"].(map[string]any)
	for set, value := range sets {
		wanted, _ := value.([]any)
		kept := []any{}
		for _, name := range wanted {
			if text, _ := name.(string); !missing[text] {
				kept = append(kept, name)
			}
		}
		sets[set] = kept
	}
	changed, err := json.Marshal(request)
	if err != nil {
		return err
	}
	return os.WriteFile(path, changed, 0o600)
}
