// Whether somebody listens at an address.

import { connect } from 'node:net';

/** An address whose pod is gone answers nothing at all. */
const connectMsMax = 1_000;

export function accepts(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ port: Number(port), host: hostname, timeout: connectMsMax });
    const end = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
