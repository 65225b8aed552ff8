// A hundred callers at one sleeping Function: how many answers, how many wakes, how long.

import { pods } from '../../api/resources.ts';
import { labels } from '../../api/names.ts';
import { Informer } from '../../platform/kube/informer.ts';
import { silentLog } from '../../platform/process/log.ts';
import { call } from '../support/call.ts';
import type { Target } from '../support/target.ts';
import { median, percentile, type Measurement } from './report.ts';

const callers = 100;
const name = 'burst';
const inline = "export const handler = async () => ({ statusCode: 200, body: 'hello' });";

export async function measureBurst(
  target: Target,
  progress: (line: string) => void,
): Promise<Measurement[]> {
  await target.deploy(name, { runtime: 'node', source: { inline }, scaling: { idleSeconds: 2 } });
  await target.sleeps(name);
  const host = await target.hostOf(name);
  const counter = await countPods(target);
  progress(`burst: ${callers} callers at once`);
  const { gatewayUrl } = target;
  const answers = await Promise.all(
    Array.from({ length: callers }, () => call({ gatewayUrl, host })),
  );
  // Until it sleeps again: a pod that comes late was woken for nothing, and counts too.
  await target.sleeps(name);
  const created = counter.stop();
  const times = answers.map((answer) => answer.firstByteMs);
  const good = answers.filter((answer) => answer.status === 200);
  return [
    {
      what: `${callers} callers at a sleeping Function: answers`,
      value: good.length,
      unit: '',
      target: { exactly: callers },
    },
    {
      what: `${callers} callers at a sleeping Function: wakes`,
      value: created,
      unit: '',
      target: { exactly: 1 },
      note: 'counted as pods created, from the burst until it sleeps again',
    },
    { what: `${callers} callers: first byte, p50`, value: median(times), unit: 'ms' },
    { what: `${callers} callers: first byte, slowest`, value: percentile(times, 1), unit: 'ms' },
  ];
}

async function countPods(target: Target): Promise<{ stop: () => number }> {
  const stopper = new AbortController();
  const seen = new Set<string>();
  const informer = new Informer({
    client: target.kube,
    resource: pods,
    namespace: target.namespace,
    labelSelector: `${labels.function}=${name},!${labels.proof}`,
    log: silentLog,
  });
  informer.onChange((change) => seen.add(change.object.metadata.uid ?? ''));
  informer.start(stopper.signal);
  await informer.synced;
  return {
    stop: () => {
      stopper.abort();
      return seen.size;
    },
  };
}
