// GET of pods/NAME/log: what a container wrote, from the kubelet's files.

import { isMap } from './any-object.ts';
import type { Cause } from './cause.ts';
import { readNamed } from './get.ts';
import type { Answer, Call, PodLogOptions, ServerParts } from './server-parts.ts';
import { readInteger } from './list.ts';
import { badRequest, invalid } from './status-error.ts';
import { isTrue } from './watch.ts';

export function readLog(parts: ServerParts, call: Call): Answer {
  const pod = readNamed(parts, call);
  const container = pickContainer(call, pod.object.spec);
  const options: PodLogOptions = { ...readOptions(call), container };
  const chunks = parts.podLogs?.(pod.namespace, pod.name, options);
  if (chunks === undefined) {
    // Without a node there is nobody to ask.
    const { nodeName = '' } = pod.object.spec ?? {};
    if (nodeName === '') return { kind: 'text', status: 204, text: '' };
    throw badRequest(
      options.previous === true
        ? `previous terminated container ${JSON.stringify(container)} in pod ${JSON.stringify(pod.name)} not found`
        : `container ${JSON.stringify(container)} in pod ${JSON.stringify(pod.name)} is waiting to start: ContainerCreating`,
    );
  }
  return { kind: 'stream', chunks };
}

function pickContainer(call: Call, spec: unknown): string {
  const list = (field: string): string[] => {
    const containers = isMap(spec) ? spec[field] : undefined;
    return Array.isArray(containers) ? containers.map((one) => (one as { name: string }).name) : [];
  };
  const main = list('containers');
  const all = [...list('initContainers'), ...main];
  const asked = call.query.get('container') ?? '';
  const { name } = call.path;
  if (asked !== '' && !all.includes(asked)) {
    throw badRequest(`container ${asked} is not valid for pod ${name}`);
  }
  if (asked !== '') return asked;
  const [first] = main;
  if (first !== undefined && all.length === 1) return first;
  throw badRequest(
    `a container name must be specified for pod ${name}, choose one of: [${all.join(' ')}]`,
  );
}

function refuseOptions(call: Call, cause: Cause): Error {
  return invalid({ group: '', kind: 'PodLogOptions' }, call.path.name, [cause]);
}

function readOptions(call: Call): PodLogOptions {
  const { query, signal } = call;
  const options: PodLogOptions = {
    follow: isTrue(query.get('follow')),
    timestamps: isTrue(query.get('timestamps')),
    previous: isTrue(query.get('previous')),
  };
  for (const field of ['tailLines', 'sinceSeconds', 'limitBytes'] as const) {
    const text = query.get(field);
    if (text === null || text === '') continue;
    // kubectl's own -1 means everything.
    if (field === 'tailLines' && text === '-1') continue;
    const value = readInteger(text) ?? 0;
    const least = field === 'tailLines' ? 0 : 1;
    if (value < least) {
      const why = least === 0 ? 'greater than or equal to 0' : 'greater than 0';
      const message = `Invalid value: ${value}: must be ${why}`;
      throw refuseOptions(call, { reason: 'FieldValueInvalid', field, message });
    }
    options[field] = value;
  }
  const sinceTime = query.get('sinceTime');
  if (sinceTime !== null && sinceTime !== '') {
    if (Number.isNaN(Date.parse(sinceTime))) {
      const shown = JSON.stringify(sinceTime);
      throw badRequest(
        `parsing time ${shown} as "2006-01-02T15:04:05Z07:00": cannot parse ${shown} as "2006"`,
      );
    }
    if (options.sinceSeconds !== undefined) {
      const message = 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified';
      throw refuseOptions(call, { reason: 'FieldValueForbidden', field: '[]', message });
    }
    options.sinceTime = sinceTime;
  }
  if (signal !== undefined) options.signal = signal;
  return options;
}
