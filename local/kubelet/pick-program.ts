// Which program of this machine stands for a container.

import type { Container } from '../../api/kubernetes.ts';
import { expandVariables } from './build-environment.ts';
import { parseImage } from './parse-image.ts';

/** What an image is on this machine, whatever its tag. */
export interface Runtime {
  /** The program and its first arguments; the container's own `args` follow. */
  readonly command: readonly string[];
}

/** By repository, for example `rouse/runtime-node`. */
export type Runtimes = Readonly<Record<string, Runtime>>;

export type Program =
  | { readonly kind: 'run'; readonly file: string; readonly args: readonly string[] }
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
  if (file !== undefined) return { kind: 'run', file, args: [...rest, ...expand(container.args)] };
  const image = container.image ?? '';
  const [program, ...first] = runtimes[parseImage(image).repository]?.command ?? [];
  if (program === undefined) {
    const known = Object.keys(runtimes).sort().join(', ') || 'none';
    return {
      kind: 'no-image',
      message:
        `the local cluster has no images, so it cannot run "${image}": ` +
        `use one of its own runtimes (${known}), give the container a command ` +
        `that is a program of this machine, or run it on a real cluster`,
    };
  }
  return { kind: 'run', file: program, args: [...first, ...expand(container.args)] };
}
