// The numbers a local platform must reach: cold start, burst, idle cost, and five hundred Functions.

import { rmSync } from 'node:fs';
import { makeHome, startPlatform } from '../support/platform.ts';
import { Target } from '../support/target.ts';
import { measureBurst } from './measure-burst.ts';
import { measureIdle } from './measure-idle.ts';
import { measureManyFunctions } from './measure-many-functions.ts';
import { measureWake } from './measure-wake.ts';
import type { Measurement } from './report.ts';

type Progress = (line: string) => void;
type Step = (target: Target, progress: Progress) => Promise<Measurement[]>;

/** In this order: idle comes after work, with heaps as work leaves them. */
export const localSteps = {
  wake: measureWake,
  burst: measureBurst,
  idle: measureIdle,
  'many-functions': measureManyFunctions,
} as const satisfies Readonly<Record<string, Step>>;

/** `steps` are run on one platform, one after the other. */
export async function measureLocal(
  steps: readonly Step[],
  progress: Progress,
): Promise<Measurement[]> {
  const home = makeHome();
  progress('starting the platform');
  const platform = await startPlatform({ home });
  const stop = () => {
    void platform.stop().then(() => process.exit(130));
  };
  process.once('SIGINT', stop);
  const measurements: Measurement[] = [
    {
      what: 'start of the platform, with an empty home',
      value: platform.readyMs,
      unit: 'ms',
      target: { below: 3_000 },
    },
  ];
  try {
    const target = new Target({ ...platform, namespace: 'default', platform });
    for (const step of steps) measurements.push(...(await step(target, progress)));
  } finally {
    process.off('SIGINT', stop);
    await platform.stop();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
  return measurements;
}
