// A tiny shell beside the kubelet that ends all pods' processes when the kubelet was killed and could not.

import { spawn, type ChildProcess } from 'node:child_process';
import type { Log } from '../../platform/process/log.ts';

/** How long processes have between TERM and KILL once the kubelet is gone, in tenths of a second. */
const graceTenths = 20;
/** A reaper that dies is started again, but not for ever. */
const restartsMax = 20;

/**
 * Reads `+PID` and `-PID` lines. The pipe closes when the kubelet ends, however it ends: then the process groups still
 * on the list get TERM and, two seconds later, KILL. `trap` keeps a Ctrl-C or a closed terminal from ending it first.
 * No `--` before the negative pid: dash's kill doesn't know it.
 */
const script = `
trap '' INT TERM HUP QUIT
pids=' '
while read -r line; do
  pid=\${line#?}
  case $line in
    +*) pids="$pids$pid " ;;
    -*) case $pids in *" $pid "*) pids="\${pids%% $pid *} \${pids#* $pid }" ;; esac ;;
  esac
done
for pid in $pids; do kill -TERM "-$pid" 2>/dev/null; done
tenths=0
while [ $tenths -lt ${graceTenths} ]; do
  left=
  for pid in $pids; do kill -0 "-$pid" 2>/dev/null && left=1; done
  [ -z "$left" ] && exit 0
  sleep 0.1
  tenths=$((tenths + 1))
done
for pid in $pids; do kill -KILL "-$pid" 2>/dev/null; done
`;

export class Reaper {
  readonly #log: Log;
  readonly #pids = new Set<number>();
  #process: ChildProcess | undefined;
  #isStopped = false;
  #restarts = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  start(): void {
    // Its own process group, so that signals to the terminal's group pass it by.
    const child = spawn('/bin/sh', ['-c', script], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { PATH: process.env['PATH'] ?? '/bin:/usr/bin' },
      cwd: '/',
    });
    this.#process = child;
    child.stdin?.on('error', () => undefined);
    child.on('error', (error) => this.#log.error({ error }, 'the reaper did not start'));
    child.once('exit', () => this.#exited());
    child.unref();
    (child.stdin as unknown as { unref?: () => void } | null)?.unref?.();
    for (const pid of this.#pids) this.#send(`+${pid}`);
  }

  /** Its pid, for tests. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  add(pid: number): void {
    this.#pids.add(pid);
    this.#send(`+${pid}`);
  }

  remove(pid: number): void {
    if (this.#pids.delete(pid)) this.#send(`-${pid}`);
  }

  /** Ends the reaper; processes still on its list are ended by it. */
  stop(): void {
    this.#isStopped = true;
    this.#process?.stdin?.end();
  }

  #send(line: string): void {
    this.#process?.stdin?.write(`${line}\n`);
  }

  #exited(): void {
    if (this.#isStopped) return;
    this.#restarts += 1;
    this.#log.warn({ restarts: this.#restarts }, 'the reaper died');
    if (this.#restarts <= restartsMax) this.start();
  }
}
