// The release that the tests of this folder work on, by Helm.

import { chart, runHelm } from '../integration/charts/helm.ts';

export const namespace = 'rouse-system';
const helmMsMax = 240_000;

/** Runs it in the release's namespace; throws with what it says when it fails. */
export async function helm(...args: string[]): Promise<string> {
  const path = process.env['ROUSE_TEST_HELM'];
  if (path === undefined)
    throw new Error('ROUSE_TEST_HELM names no Helm: run npm run test:cluster');
  const inNamespace = [...args, '--namespace', namespace];
  const { code, stdout, stderr } = await runHelm(path, inNamespace, process.env, helmMsMax);
  if (code !== 0) throw new Error(`helm ${args.join(' ')}: ${stderr}${stdout}`);
  return stdout;
}

/** Of the release as it is now. */
export async function findRelease(): Promise<string> {
  const said = await helm('history', 'rouse', '--output', 'json');
  const history = JSON.parse(said) as { revision: number }[];
  return String(history.at(-1)?.revision);
}

/** With the values of before, over the defaults of the chart as it is now. */
export const upgrade = (...settings: string[]): Promise<string> =>
  helm(
    'upgrade',
    'rouse',
    chart,
    '--reset-then-reuse-values',
    ...settings,
    '--wait',
    '--timeout',
    '180s',
  );

/** What Helm would send. */
export const render = (...settings: string[]): Promise<string> =>
  helm('template', 'rouse', chart, ...settings);
