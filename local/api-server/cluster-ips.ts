// Hands out addresses to Services: cluster IPs from 10.96.0.0/12, never one that is in use, and node ports.

import { randomInt } from 'node:crypto';
import type { AnyObject } from './any-object.ts';
import type { Cause } from './cause.ts';
import { NodePorts } from './node-ports.ts';
import type { Storage } from './storage.ts';

const servicesKey = '/services';
const addressesMax = 2 ** 20;
/** 10.96.0.0 as a number. */
const first = (10 << 24) | (96 << 16);
const triesMax = 1_000;

export class ClusterIps {
  readonly #used = new Set<string>();
  readonly #nodePorts = new NodePorts();

  constructor(storage: Storage) {
    for (const { object } of storage.list(servicesKey)) this.keep(object);
  }

  /** Fills cluster IPs and node ports of a Service that should have them; an update keeps what the old state had. */
  assign(service: AnyObject, old?: AnyObject): void {
    const spec = (service.spec ??= {});
    this.#nodePorts.assign(service, old);
    if (spec['type'] === 'ExternalName') return;
    spec['clusterIP'] = spec['clusterIP'] || old?.spec?.['clusterIP'] || this.#pick();
    if (spec['clusterIP'] === 'None') {
      spec['clusterIPs'] = ['None'];
      return;
    }
    spec['clusterIPs'] = [spec['clusterIP']];
    spec['ipFamilies'] ??= ['IPv4'];
    spec['ipFamilyPolicy'] ??= 'SingleStack';
    spec['internalTrafficPolicy'] ??= 'Cluster';
  }

  /** What a Service asks for that another one has, or nobody can. */
  findCauses(service: AnyObject): Cause[] {
    return this.#nodePorts.findCauses(service);
  }

  keep(service: AnyObject): void {
    this.#nodePorts.keep(service);
    const ip = service.spec?.['clusterIP'];
    if (typeof ip === 'string' && ip !== 'None' && ip !== '') this.#used.add(ip);
  }

  release(service: AnyObject): void {
    this.#nodePorts.release(service);
    const ip = service.spec?.['clusterIP'];
    if (typeof ip === 'string') this.#used.delete(ip);
  }

  #pick(): string {
    for (let tries = 0; tries < triesMax; tries += 1) {
      // The first addresses are left for well-known Services such as `kubernetes`.
      const number = first + randomInt(256, addressesMax - 1);
      const ip = [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
      if (!this.#used.has(ip)) return ip;
    }
    throw new Error('no free cluster IP: all of 10.96.0.0/12 is in use');
  }
}
