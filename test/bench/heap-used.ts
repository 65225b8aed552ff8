// Reads another Node process's heap by its inspector, after making it collect its garbage.

import { WebSocket } from 'ws';
import { waitFor } from '../support/wait-for.ts';

/** Where Node opens its inspector on SIGUSR1. */
const inspectorUrl = 'http://127.0.0.1:9229';
/** A second collection takes what the first one's finalizers let go. */
const collections = 2;

/** Bytes in use. Throws when the port is held by another process than `pid`. */
export async function heapUsedBytes(pid: number): Promise<number> {
  process.kill(pid, 'SIGUSR1');
  const address = await waitFor(findSocket, { what: `the inspector of process ${pid}` });
  const socket = new WebSocket(address);
  try {
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    const found = await ask(socket, 'Runtime.evaluate', { expression: 'process.pid' });
    if ((found['result'] as { value: number }).value !== pid) {
      throw new Error(`${inspectorUrl} is the inspector of another process than ${pid}`);
    }
    for (let time = 0; time < collections; time += 1) {
      await ask(socket, 'HeapProfiler.collectGarbage');
    }
    const usage = await ask(socket, 'Runtime.getHeapUsage');
    return usage['usedSize'] as number;
  } finally {
    socket.close();
  }
}

async function findSocket(): Promise<string | undefined> {
  const answer = await fetch(`${inspectorUrl}/json/list`);
  const [first] = (await answer.json()) as { webSocketDebuggerUrl: string }[];
  return first?.webSocketDebuggerUrl;
}

let lastId = 0;

function ask(
  socket: WebSocket,
  method: string,
  params: Record<string, unknown> = {},
): Promise<Record<string, unknown>> {
  const id = ++lastId;
  return new Promise((resolve, reject) => {
    const receive = (data: unknown) => {
      const answer = JSON.parse(String(data)) as {
        id?: number;
        result?: Record<string, unknown>;
        error?: { message: string };
      };
      if (answer.id !== id) return;
      socket.off('message', receive);
      if (answer.error !== undefined) reject(new Error(`${method}: ${answer.error.message}`));
      else resolve(answer.result ?? {});
    };
    socket.on('message', receive);
    socket.send(JSON.stringify({ id, method, params }));
  });
}
