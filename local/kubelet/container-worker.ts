// Runs one container of a pod: starts it, watches over it, starts it again as the pod's policy says.

import { rm } from 'node:fs';
import { delimiter, dirname } from 'node:path';
import type {
  Container,
  ContainerState,
  ContainerStatus,
  Pod,
  PodSpec,
} from '../../api/kubernetes.ts';
import type { Timer } from '../../platform/process/clock.ts';
import { env as envNames } from '../../api/names.ts';
import { podAddress } from './admit-pods.ts';
import { buildEnvironment, deriveReferences } from './build-environment.ts';
import { ContainerLog } from './container-log.ts';
import { ContainerProbes, type ProbeKind } from './container-probes.ts';
import { decideRestart, type Backoff } from './decide-restart.ts';
import { timeText, type ContainerFacts } from './derive-pod-status.ts';
import { deriveRestoredContainer } from './derive-restored-container.ts';
import { pickProgram } from './pick-program.ts';
import {
  containerLogPath,
  podFolder,
  type PodPorts,
  type ResolvedReferences,
} from './pod-ports.ts';
import { PodProcess, type ProcessEnd } from './pod-process.ts';

/** How long until a container that could not be configured, or has no image, is tried again. */
const retryFirstMs = 1_000;
const retryMaxMs = 30_000;

export interface ContainerWorkerOptions {
  readonly pod: Pod;
  readonly container: Container;
  /** The pod's, but for init containers, which have to succeed once. */
  readonly restartPolicy: PodSpec['restartPolicy'];
  /** What an earlier kubelet reported. */
  readonly before: ContainerStatus | undefined;
  /** A process of it was recorded, so it has run even if no status says so. */
  readonly hasRun: boolean;
  /** Called after every change that the status shows. */
  readonly onChange: () => void;
}

export class ContainerWorker {
  readonly name: string;

  readonly #ports: PodPorts;
  readonly #pod: Pod;
  readonly #container: Container;
  readonly #restartPolicy: PodSpec['restartPolicy'];
  readonly #onChange: () => void;
  #state: ContainerState;
  #lastState: ContainerState | undefined;
  #restartCount: number;
  #isReady = false;
  #isStarted = false;
  #isFinal = false;
  #isStopping = false;
  #process: PodProcess | undefined;
  #processId: string | undefined;
  #startedAtMs = 0;
  #probes: ContainerProbes | undefined;
  #backoff: Backoff | undefined;
  #timer: Timer | undefined;
  #retryMs = retryFirstMs;
  #env: Record<string, string> = {};
  #log: ContainerLog | undefined;

  constructor(ports: PodPorts, options: ContainerWorkerOptions) {
    this.#ports = ports;
    this.#pod = options.pod;
    this.#container = options.container;
    this.#restartPolicy = options.restartPolicy;
    this.#onChange = options.onChange;
    this.name = options.container.name;
    const nowMs = ports.clock.now();
    const restored = deriveRestoredContainer(options.before, options.hasRun, nowMs);
    this.#state = restored.state;
    this.#lastState = restored.lastState;
    this.#restartCount = restored.restartCount;
  }

  /** Begins, or goes on where an earlier kubelet stopped. The process is spawned before this returns, if it can be. */
  start(): void {
    const ended = this.#state.terminated;
    if (ended === undefined) {
      this.#launchSoon();
      return;
    }
    this.#afterEnd(ended.exitCode, this.#ports.clock.now());
  }

  facts(): ContainerFacts {
    return {
      name: this.name,
      state: this.#state,
      lastState: this.#lastState,
      restartCount: this.#restartCount,
      isReady: this.#isReady,
      isStarted: this.#isStarted,
      processId: this.#processId,
      isFinal: this.#isFinal,
    };
  }

  get isRunning(): boolean {
    return this.#process !== undefined && !this.#process.hasEnded;
  }

  /** The pod ends: no restart any more. Resolves when the process has ended. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    this.#timer?.cancel();
    this.#probes?.stop();
    if (this.#process === undefined || this.#process.hasEnded) return;
    this.#process.terminate(graceMs);
    await this.#process.ended;
  }

  /** The log of the current run, or of the one before. `undefined`: there was no such run. */
  readLogSource(
    isPrevious: boolean,
  ): { path: string; writer: ContainerLog | undefined } | undefined {
    const attempt = this.#restartCount - (isPrevious ? 1 : 0);
    const hasRun = isPrevious
      ? attempt >= 0
      : this.#state.running !== undefined ||
        this.#state.terminated !== undefined ||
        this.#lastState?.terminated !== undefined;
    if (!hasRun) return undefined;
    const path = containerLogPath(this.#ports.home, this.#pod, { container: this.name, attempt });
    return { path, writer: this.#log?.path === path ? this.#log : undefined };
  }

  #launchSoon(): void {
    const references = deriveReferences(this.#container);
    const count = references.secrets.length + references.configMaps.length;
    if (count === 0 && !this.#ports.wantsCredentials(this.#pod)) {
      this.#launch({ secrets: new Map(), configMaps: new Map(), credentials: {} });
      return;
    }
    this.#ports.resolve(this.#pod, references).then(
      (resolved) => this.#launch(resolved),
      (error: unknown) => this.#wait('CreateContainerConfigError', String(error)),
    );
  }

  #launch(resolved: ResolvedReferences): void {
    if (this.#isStopping) return;
    const { podsFolder, address, runtimes, node, clusterVariables } = this.#ports;
    const environment = buildEnvironment({
      pod: this.#pod,
      container: this.#container,
      cluster: clusterVariables(this.#pod),
      address,
      readSecret: (name) => resolved.secrets.get(name),
      readConfigMap: (name) => resolved.configMaps.get(name),
      node,
    });
    if (environment.kind === 'error') {
      this.#wait('CreateContainerConfigError', environment.message);
      return;
    }
    const folder = podFolder(podsFolder, this.#pod.metadata.uid ?? '');
    this.#env = {
      ...this.#baseEnvironment(folder),
      ...resolved.credentials,
      ...environment.env,
    };
    const program = pickProgram(this.#container, runtimes, this.#env);
    if (program.kind === 'no-image') {
      const isFirst = this.#state.waiting?.reason === 'ContainerCreating';
      this.#wait(isFirst ? 'ErrImagePull' : 'ImagePullBackOff', program.message);
      return;
    }
    Object.assign(this.#env, program.env);
    this.#spawn(program.file, program.args, folder);
  }

  /** Nothing of the platform's own environment but where programs are found. */
  #baseEnvironment(folder: string): Record<string, string> {
    return {
      // Every image of ours has `node` on its path: here it is the one that runs this.
      PATH: [process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin', dirname(process.execPath)].join(
        delimiter,
      ),
      HOME: folder,
      TMPDIR: folder,
      HOSTNAME: this.#pod.metadata.name,
      // Pods are this machine's business only; a runtime elsewhere listens on its pod's address.
      [envNames.listenHost]: podAddress,
      [envNames.markDirectory]: folder,
    };
  }

  #spawn(file: string, args: readonly string[], folder: string): void {
    const { clock, log, home } = this.#ports;
    const attempt = this.#restartCount;
    const path = containerLogPath(home, this.#pod, { container: this.name, attempt });
    this.#log = new ContainerLog(path, { clock, log });
    const started = new PodProcess(
      this.#ports,
      {
        file,
        args,
        env: this.#env,
        folder: this.#container.workingDir ?? folder,
        podUid: this.#pod.metadata.uid ?? '',
        container: this.name,
        log: this.#log,
      },
      (end) => this.#ended(end),
    );
    this.#process = started;
    this.#startedAtMs = clock.now();
    this.#retryMs = retryFirstMs;
    this.#processId = `${started.pid ?? 0}-${this.#startedAtMs}`;
    this.#state = { running: { startedAt: timeText(this.#startedAtMs) } };
    this.#isStarted = this.#container.startupProbe === undefined;
    this.#isReady = this.#isStarted && this.#container.readinessProbe === undefined;
    if (started.pid !== undefined) this.#startProbes(folder);
    this.#forgetLog(attempt - 2);
    this.#event('Normal', 'Started', `Started container ${this.name}`);
    this.#onChange();
  }

  /** The current run's log and the one before are kept. */
  #forgetLog(attempt: number): void {
    if (attempt < 0) return;
    const run = { container: this.name, attempt };
    const path = containerLogPath(this.#ports.home, this.#pod, run);
    for (const one of [path, `${path}.1`]) rm(one, { force: true }, () => undefined);
  }

  #startProbes(folder: string): void {
    const { readinessProbe, livenessProbe, startupProbe } = this.#container;
    if (!readinessProbe && !livenessProbe && !startupProbe) return;
    const { clock, address } = this.#ports;
    const target = { container: this.#container, address, env: this.#env, folder };
    this.#probes = new ContainerProbes(clock, target, {
      onResult: (kind, isSuccess, message) => this.#probed(kind, isSuccess, message),
      onFailure: (kind, message) => {
        const title =
          kind === 'readiness' ? 'Readiness' : kind === 'liveness' ? 'Liveness' : 'Startup';
        this.#event('Warning', 'Unhealthy', `${title} probe failed: ${message}`);
      },
    });
    this.#probes.start();
  }

  #probed(kind: ProbeKind, isSuccess: boolean, message: string): void {
    if (this.#isStopping || !this.isRunning) return;
    if (kind === 'readiness') this.#isReady = isSuccess;
    if (kind === 'startup' && isSuccess) {
      this.#isStarted = true;
      this.#isReady = this.#container.readinessProbe === undefined;
    }
    if (kind !== 'readiness' && !isSuccess) {
      this.#event(
        'Normal',
        'Killing',
        `Container ${this.name} failed ${kind} probe, will be restarted: ${message}`,
      );
      const seconds = this.#pod.spec.terminationGracePeriodSeconds ?? 30;
      this.#process?.terminate(seconds * 1000);
    }
    this.#onChange();
  }

  #ended(end: ProcessEnd): void {
    this.#probes?.stop();
    this.#probes = undefined;
    this.#isReady = false;
    this.#isStarted = false;
    const { clock } = this.#ports;
    const nowMs = clock.now();
    const reason =
      end.startError !== undefined ? 'StartError' : end.exitCode === 0 ? 'Completed' : 'Error';
    this.#state = {
      terminated: {
        exitCode: end.exitCode,
        ...(end.signal !== undefined && { signal: end.signal }),
        reason,
        ...(end.startError !== undefined && { message: end.startError }),
        startedAt: timeText(this.#startedAtMs),
        finishedAt: timeText(nowMs),
      },
    };
    if (this.#isStopping) this.#onChange();
    else this.#afterEnd(end.exitCode, nowMs);
  }

  #afterEnd(exitCode: number, endedAtMs: number): void {
    const decision = decideRestart(this.#restartPolicy, { exitCode, endedAtMs }, this.#backoff);
    if (decision.kind === 'stay') {
      this.#isFinal = true;
      this.#onChange();
      return;
    }
    this.#backoff = decision.backoff;
    this.#lastState = this.#state;
    if (decision.delayMs === 0) {
      this.#restart();
      return;
    }
    const { namespace, name, uid } = this.#pod.metadata;
    const message = `back-off ${decision.delayMs / 1000}s restarting failed container=${this.name} pod=${name}_${namespace}(${uid})`;
    this.#state = { waiting: { reason: 'CrashLoopBackOff', message } };
    this.#event(
      'Warning',
      'BackOff',
      `Back-off restarting failed container ${this.name} in pod ${name}`,
    );
    this.#timer = this.#ports.clock.setTimeout(() => this.#restart(), decision.delayMs);
    this.#onChange();
  }

  #restart(): void {
    this.#restartCount += 1;
    this.#launchSoon();
  }

  #wait(reason: string, message: string): void {
    if (this.#isStopping) return;
    this.#state = { waiting: { reason, message } };
    this.#event('Warning', 'Failed', `Error: ${reason}: ${message}`);
    this.#timer = this.#ports.clock.setTimeout(() => this.#launchSoon(), this.#retryMs);
    this.#retryMs = Math.min(retryMaxMs, this.#retryMs * 2);
    this.#onChange();
  }

  #event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#ports.recordEvent({ object: this.#pod, type, reason, message });
  }
}
