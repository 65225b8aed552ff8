// An API server without a listener, in memory, with a clock that a test sets and objects that can't be changed.

import { createParts } from '../../../../local/api-server/api-server.ts';
import { bootstrapObjects } from '../../../../local/api-server/bootstrap-objects.ts';
import { handleRequest } from '../../../../local/api-server/handle-request.ts';
import type { ApiRequest } from '../../../../local/api-server/api-request.ts';
import type { Admit, Answer, ServerParts } from '../../../../local/api-server/server-parts.ts';
import { silentLog } from '../../../../platform/process/log.ts';
import { systemClock } from '../../../../platform/process/clock.ts';

export interface TestServer {
  readonly parts: ServerParts;
  handle(request: ApiRequest): Answer;
  /** The latest version. */
  version(): string;
  close(): void;
}

export function createTestServer(
  options: { admit?: Admit[]; historyRows?: number; storagePath?: string } = {},
): TestServer {
  const parts = createParts(
    { storagePath: ':memory:', token: 'a-token-for-tests', freeze: true, ...options },
    systemClock,
    silentLog,
  );
  bootstrapObjects(parts, 6443);
  return {
    parts,
    handle: (request) => handleRequest(parts, request),
    version: () => String(parts.storage.resourceVersion()),
    close: () => parts.storage.close(),
  };
}
