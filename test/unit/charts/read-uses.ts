// Which verbs of the Kubernetes API a program's source uses, read from the calls in it.

import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as resources from '../../../api/resources.ts';
import type { Resource } from '../../../api/kubernetes.ts';

/** Where an object is: in a namespace with Functions, or in the platform's own. */
export type Where = 'users' | 'system';

export interface Use {
  readonly where: Where;
  /** For example `apps/deployments/scale patch`. */
  readonly what: string;
  readonly file: string;
}

const root = resolve(import.meta.dirname, '../../..');
const verbs: Readonly<Record<string, string>> = {
  get: 'get',
  getOrUndefined: 'get',
  list: 'list',
  watch: 'watch',
  create: 'create',
  replace: 'update',
  replaceStatus: 'update',
  patch: 'patch',
  delete: 'delete',
};
/** Names that a file gives to a collection; `kind` stands for each of the kinds that are waited for. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  revisionKind: ['revisions'],
  scales: ['deployments'],
  kind: ['functions', 'revisions'],
};
/** Of the platform itself. */
const systemOnly = ['secrets', 'leases'];

/** Throws for a call whose collection it does not know: a new alias belongs into the table above. */
export function readUses(patterns: readonly string[]): Use[] {
  const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: root })).sort();
  return files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return [...callsIn(text), ...informersIn(text)].map((use) => ({ ...use, file }));
  });
}

/** What `OwnerReferencesPermissionEnforcement` asks of those who set blockOwnerDeletion. */
export function readOwnerUses(patterns: readonly string[]): Use[] {
  const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: root }));
  return files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const kinds = [...text.matchAll(/kind: '(\w+)',[^}]*blockOwnerDeletion: true/g)];
    return kinds.map(([, kind]) => {
      const owner = Object.values(resources).find((one: Resource) => one.kind === kind);
      return { where: 'users', what: `${nameOf(owner, 'finalizers')} update`, file } as const;
    });
  });
}

/** Events about the platform's own Lease are beside it; all others are beside a Function or what belongs to one. */
export function readEventUses(patterns: readonly string[]): Use[] {
  const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: root }));
  return files
    .filter((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      return /events\.record\(/.test(text) && /kind: 'Lease'/.test(text);
    })
    .flatMap((file) =>
      ['create', 'patch'].map((verb) => ({ where: 'system', what: `events ${verb}`, file }) as const),
    );
}

function callsIn(text: string): Omit<Use, 'file'>[] {
  const calls = text.matchAll(
    /[cC]lient\s*\.(get|getOrUndefined|list|watch|create|replace|replaceStatus|patch|delete)\(\s*(\w+)/g,
  );
  return [...calls].flatMap(({ index, 0: head, 1: method = '', 2: name = '' }) => {
    return collectionsOf(name).map((collection) => ({
      where: systemOnly.includes(collection.plural) ? ('system' as const) : ('users' as const),
      what: `${nameOf(collection, subresourceOf(text, index + head.indexOf('(') + 1))} ${verbs[method]}`,
    }));
  });
}

/** An informer lists and watches; one that does not follow `watched` is for the system namespace. */
function informersIn(text: string): Omit<Use, 'file'>[] {
  const blocks = [...text.matchAll(/new Informer(?:<[\w<>, ]+>)?\(/g)];
  return blocks.flatMap(({ index, 0: head }) => {
    const block = argumentsAt(text, index + head.length);
    const [, name] = /resource(?:: (?:resources\.)?(\w+))/.exec(block) ?? [];
    if (name === undefined) throw new Error(`no resource in the informer ${block}`);
    const where = block.includes('...watched') ? 'users' : 'system';
    return collectionsOf(name).flatMap((collection) =>
      ['list', 'watch'].map((verb) => ({ where, what: `${nameOf(collection)} ${verb}` }) as const),
    );
  });
}

function collectionsOf(name: string): Resource[] {
  const known: Readonly<Record<string, Resource>> = resources;
  return (aliases[name] ?? [name]).map((one) => {
    const found = known[one];
    if (found === undefined) throw new Error(`${one} is no collection of api/resources.ts`);
    return found;
  });
}

function nameOf(resource: Resource | undefined, subresource?: string): string {
  if (resource === undefined) throw new Error('no such collection');
  const name = [resource.group, resource.plural].filter((part) => part !== '').join('/');
  return subresource === undefined ? name : `${name}/${subresource}`;
}

function subresourceOf(text: string, start: number): string | undefined {
  const call = argumentsAt(text, start);
  return /subresource: '(\w+)'/.exec(call)?.[1] ?? /, '(scale|status)'(?:, \w+)?$/.exec(call.trim())?.[1];
}

/** The text from `start` to the parenthesis that closes it. */
function argumentsAt(text: string, start: number): string {
  let depth = 1;
  let at = start;
  for (; at < text.length && depth > 0; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
  }
  return text.slice(start, at - 1);
}
