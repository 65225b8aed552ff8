// Binds a server to its port, sooner than server.listen does where an address is given.

import type { Server } from 'node:net';

interface BoundSocketModule {
  BoundSocket?: new (options: { port: number; host: string }) => object;
}

/**
 * listen({host}) loads Node's DNS even for a numeric address, 4 ms of a 35 ms start; a BoundSocket (Node 24) takes
 * numeric addresses only. `onError` hears of a taken port and of an address that is not this machine's.
 */
export function listen(
  server: Server,
  address: { port: number; host: string | undefined },
  onError: (error: Error) => void,
): void {
  server.once('error', onError);
  const { port, host } = address;
  if (host === undefined) {
    server.listen({ port });
    return;
  }
  const { BoundSocket } = process.getBuiltinModule('node:net') as BoundSocketModule;
  if (BoundSocket === undefined || !/^[\d.]+$|:/.test(host)) {
    server.listen({ port, host });
    return;
  }
  try {
    server.listen(new BoundSocket({ port, host }));
  } catch (error) {
    onError(error as Error);
  }
}
