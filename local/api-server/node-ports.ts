// Hands out node ports to Services, from Kubernetes' own range, never one that is in use.

import { randomInt } from 'node:crypto';
import type { AnyObject } from './any-object.ts';
import { isMap } from './any-object.ts';
import type { Cause } from './cause.ts';
import { invalid } from './schema/field-causes.ts';

export const nodePortFirst = 30_000;
export const nodePortLast = 32_767;
const outOfRange = `provided port is not in the valid range. The range of valid ports is ${nodePortFirst}-${nodePortLast}`;
const triesMax = 200;

type Port = Record<string, unknown>;

export class NodePorts {
  /** `TCP/30080` -> uid of its Service. One number serves two protocols. */
  readonly #owners = new Map<string, string>();

  /** An update keeps what the old state had, by the port's name, and gives back what the new type can't have. */
  assign(service: AnyObject, old?: AnyObject): void {
    if (!needsNodePorts(service)) {
      dropOld(service, old);
      return;
    }
    keepOld(service, old);
    if (service.spec?.['allocateLoadBalancerNodePorts'] === false) return;
    const taken = new Set(portsOf(service).map((port) => keyOf(port)));
    for (const port of portsOf(service)) {
      if (numberOf(port) !== 0) continue;
      port['nodePort'] = this.#pick(port, taken);
      taken.add(keyOf(port));
    }
  }

  /** What a valid Service asks for and can't get. */
  findCauses(service: AnyObject): Cause[] {
    const seen = new Set<string>();
    return portsOf(service).flatMap((port, index) => {
      const number = numberOf(port);
      if (number === 0) return [];
      const field = `spec.ports[${index}].nodePort`;
      if (number < nodePortFirst || number > nodePortLast) {
        return [invalid(field, number, outOfRange)];
      }
      const key = keyOf(port);
      const owner = this.#owners.get(key);
      const isTaken = seen.has(key) || (owner !== undefined && owner !== service.metadata.uid);
      seen.add(key);
      return isTaken ? [invalid(field, number, 'provided port is already allocated')] : [];
    });
  }

  keep(service: AnyObject): void {
    this.release(service);
    for (const port of portsOf(service)) {
      if (numberOf(port) !== 0) this.#owners.set(keyOf(port), service.metadata.uid ?? '');
    }
  }

  release(service: AnyObject): void {
    for (const [key, uid] of this.#owners) {
      if (uid === service.metadata.uid) this.#owners.delete(key);
    }
  }

  #pick(port: Port, taken: ReadonlySet<string>): number {
    const isFree = (number: number): boolean => {
      const key = keyOf({ ...port, nodePort: number });
      return !this.#owners.has(key) && !taken.has(key);
    };
    for (let tries = 0; tries < triesMax; tries += 1) {
      const number = randomInt(nodePortFirst, nodePortLast + 1);
      if (isFree(number)) return number;
    }
    for (let number = nodePortFirst; number <= nodePortLast; number += 1) {
      if (isFree(number)) return number;
    }
    throw new Error(`no free node port: all of ${nodePortFirst}-${nodePortLast} is in use`);
  }
}

function needsNodePorts(service: AnyObject): boolean {
  const type = service.spec?.['type'];
  return type === 'NodePort' || type === 'LoadBalancer';
}

function keepOld(service: AnyObject, old: AnyObject | undefined): void {
  if (old === undefined || !needsNodePorts(old)) return;
  const before = new Map(portsOf(old).map((port) => [port['name'] ?? '', numberOf(port)]));
  const taken = new Set(portsOf(service).map(numberOf));
  for (const port of portsOf(service)) {
    const number = before.get(port['name'] ?? '') ?? 0;
    if (numberOf(port) === 0 && number !== 0 && !taken.has(number)) port['nodePort'] = number;
  }
}

/** Fields that only the old type has, and that nobody has changed: the new type would be refused for them. */
function dropOld(service: AnyObject, old: AnyObject | undefined): void {
  if (old === undefined || !needsNodePorts(old)) return;
  const before = new Set(portsOf(old).map(numberOf));
  for (const port of portsOf(service)) if (before.has(numberOf(port))) delete port['nodePort'];
  for (const field of ['externalTrafficPolicy', 'allocateLoadBalancerNodePorts']) {
    if (service.spec?.[field] === old.spec?.[field]) delete service.spec?.[field];
  }
}

function portsOf(service: AnyObject): Port[] {
  const ports = service.spec?.['ports'];
  return Array.isArray(ports) ? (ports as unknown[]).filter(isMap) : [];
}

const numberOf = (port: Port): number => Number(port['nodePort'] ?? 0);
const keyOf = (port: Port): string => `${String(port['protocol'] ?? 'TCP')}/${numberOf(port)}`;
