// The chart's roles grant what the programs' calls need, and nothing else.

import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { system } from '../../../api/names.ts';
import { readEventUses, readOwnerUses, readUses, type Where } from './read-uses.ts';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const templates = resolve(import.meta.dirname, '../../../charts/rouse/templates');
const sources = {
  controller: ['controller/**/*.ts', 'platform/kube/{lease,record-event}.ts'],
  activator: ['activator/**/*.ts'],
} as const;
const programs = ['controller', 'activator'] as const;

const textOf = (program: string): string =>
  readFileSync(join(templates, program, 'rbac.yaml'), 'utf8');

/** The template's two roles, as written: first for users' namespaces, then for the platform's own. */
function rulesOf(program: string): Record<Where, readonly Rule[]> {
  const roles = textOf(program)
    .split(/^---$/m)
    .flatMap((document) => /^rules:[\s\S]*/m.exec(document)?.[0] ?? [])
    // Of a grant under a condition: the most that there can be.
    .map((text) => text.replaceAll(/^ *\{\{-.*\}\}$/gm, ''))
    .map((text) => (parse(text) as { rules: Rule[] }).rules);
  expect(roles).toHaveLength(2);
  return { users: roles[0] ?? [], system: roles[1] ?? [] };
}

function grantsOf(program: string): string[] {
  return Object.entries(rulesOf(program)).flatMap(([where, rules]) =>
    rules.flatMap((rule) =>
      rule.apiGroups.flatMap((group) =>
        rule.resources.flatMap((resource) =>
          rule.verbs.map((verb) => `${where}: ${group && `${group}/`}${resource} ${verb}`),
        ),
      ),
    ),
  );
}

describe.each(programs)('the roles of the %s', (program) => {
  it('grant every verb that its source uses, and no other', () => {
    const read = [readUses, readOwnerUses, readEventUses];
    const uses = read.flatMap((one) => one(sources[program]));
    const needed = new Set(uses.map(({ where, what }) => `${where}: ${what}`));
    expect(new Set(grantsOf(program))).toEqual(needed);
  });

  it('name no verb, group or resource by a star', () => {
    expect(grantsOf(program).filter((grant) => grant.includes('*'))).toEqual([]);
  });

  it('say a reason before the first of each list of verbs', () => {
    const lists = textOf(program).split(/^ +verbs:/m);
    expect(lists.slice(1).filter((list) => !/^\n +# \S/.test(list))).toEqual([]);
  });

  it('reach into no Secret but the one with the keys', () => {
    const { users, system: own } = rulesOf(program);
    const ofSecrets = [...users, ...own].filter((rule) => rule.resources.includes('secrets'));
    const open = ofSecrets.filter((rule) => rule.resourceNames?.[0] !== system.keySecret);
    expect(open.flatMap((rule) => rule.verbs)).toEqual(program === 'controller' ? ['create'] : []);
    expect(users.flatMap((rule) => rule.resources)).not.toContain('secrets');
  });
});

describe('the roles of the controller', () => {
  it('let it lead by its own lease only', () => {
    const names = rulesOf('controller').system.filter((rule) => rule.verbs.includes('update'));
    expect(names.map((rule) => rule.resourceNames)).toEqual([[system.controllerLease]]);
  });
});
