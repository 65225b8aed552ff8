// Which program of this machine stands for a container.

import type { Container } from '../../api/kubernetes.ts';
import { expandVariables } from './build-environment.ts';
import { parseImage } from './parse-image.ts';

/** What an image is on this machine, whatever its tag. */
export interface Runtime {
  /** The program and its first arguments; the container's own `args` follow. */
  readonly command: readonly string[];
  /** Which variable tells it where to listen, by the name of the container's port. */
  readonly portVariables?: Readonly<Record<string, string>>;
  /** What the image would have set. */
  readonly env?: Readonly<Record<string, string>>;
  /** Variables that tell it the address to listen on. */
  readonly hostVariables?: readonly string[];
}

/** By repository, for example `rouse/runtime-node`. */
export type Runtimes = Readonly<Record<string, Runtime>>;

export type Program =
  | {
      readonly kind: 'run';
      readonly file: string;
      readonly args: readonly string[];
      /** Over what the container says. */
      readonly env: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'no-image'; readonly message: string };

/** A container with a `command` runs that program of this machine; otherwise its image must be a known runtime. */
export function pickProgram(
  container: Container,
  runtimes: Runtimes,
  env: Readonly<Record<string, string>>,
): Program {
  const expand = (all: readonly string[] | undefined): string[] =>
    (all ?? []).map((one) => expandVariables(one, env));
  const own = expand(container.command);
  const [file, ...rest] = own;
  if (file !== undefined) {
    return { kind: 'run', file, args: [...rest, ...expand(container.args)], env: {} };
  }
  const image = container.image ?? '';
  const runtime = findRuntime(runtimes, parseImage(image).repository);
  const [program, ...first] = runtime?.command ?? [];
  if (runtime === undefined || program === undefined) {
    const known = Object.keys(runtimes).sort().join(', ') || 'none';
    return {
      kind: 'no-image',
      message:
        `the local cluster has no images, so it cannot run "${image}": ` +
        `use one of its own runtimes (${known}), give the container a command ` +
        `that is a program of this machine, or run it on a real cluster`,
    };
  }
  const args = [...first, ...expand(container.args)];
  const listen = buildListenVariables(runtime, container);
  const isFree = ([variable]: [string, string]): boolean => env[variable] === undefined;
  const preset = Object.fromEntries(Object.entries(runtime.env ?? {}).filter(isFree));
  return { kind: 'run', file: program, args, env: { ...preset, ...listen } };
}

/** Whatever registry the image comes from: `registry.example.com/rouse/activator` is `rouse/activator`. */
function findRuntime(runtimes: Runtimes, repository: string): Runtime | undefined {
  const found = Object.entries(runtimes).find(
    ([name]) => repository === name || repository.endsWith(`/${name}`),
  );
  return found?.[1];
}

/** All pods share one address, so a program listens on the ports that admission chose, and on loopback only. */
function buildListenVariables(runtime: Runtime, container: Container): Record<string, string> {
  const { portVariables = {}, hostVariables = [] } = runtime;
  const variables: Record<string, string> = {};
  for (const name of hostVariables) variables[name] = '127.0.0.1';
  for (const { name = '', hostPort } of container.ports ?? []) {
    const variable = portVariables[name];
    if (variable !== undefined && hostPort !== undefined) variables[variable] = String(hostPort);
  }
  return variables;
}
