// Commands of kubectl one after the other, whatever each says.

import type { CaseApi } from '../conformance-case.ts';

export async function runAll(api: CaseApi, commands: readonly string[]): Promise<void> {
  for (const one of commands) await api.kubectl(one);
}
