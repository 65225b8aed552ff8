// GET of pods/NAME/log: what a container wrote, from the kubelet's files.

import { isMap } from './any-object.ts';
import { readNamed } from './get.ts';
import type { Answer, Call, PodLogOptions, ServerParts } from './server-parts.ts';
import { badRequest } from './status-error.ts';
import { isTrue } from './watch.ts';

export function readLog(parts: ServerParts, call: Call): Answer {
  const pod = readNamed(parts, call);
  const container = pickContainer(call, pod.object.spec);
  const options: PodLogOptions = { ...readOptions(call), container };
  const chunks = parts.podLogs?.(pod.namespace, pod.name, options);
  if (chunks === undefined) {
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
    if (!/^\d{1,12}$/.test(text))
      throw badRequest(`${field}: invalid value ${JSON.stringify(text)}`);
    options[field] = Number(text);
  }
  const sinceTime = query.get('sinceTime');
  if (sinceTime !== null && sinceTime !== '') {
    if (Number.isNaN(Date.parse(sinceTime))) {
      throw badRequest(`sinceTime: invalid value ${JSON.stringify(sinceTime)}`);
    }
    options.sinceTime = sinceTime;
  }
  if (signal !== undefined) options.signal = signal;
  return options;
}
