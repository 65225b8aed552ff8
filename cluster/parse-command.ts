// What the words after `npm run cluster --` ask for.

export type Command =
  | { readonly kind: 'up'; readonly asked: UpOptions }
  | { readonly kind: 'down' | 'status' | 'install' | 'logs' | 'help' }
  | { readonly kind: 'load'; readonly images: readonly string[] }
  | { readonly kind: 'refused'; readonly message: string };

/** What was not said is `undefined`: a cluster that already runs may then have any. */
export interface UpOptions {
  readonly nodes: number | undefined;
  readonly gatewayPort: number | undefined;
}

/** As `parseArgs` of node:util gives them. */
export interface Words {
  readonly positionals: readonly string[];
  readonly nodes: string | undefined;
  readonly gatewayPort: string | undefined;
  readonly help: boolean;
}

/** A node takes about 150 MiB and the network of node-image/pod-net reaches 29. */
const nodesMax = 10;

export function parseCommand({ positionals, nodes, gatewayPort, help }: Words): Command {
  const [name, ...rest] = positionals;
  if (help || name === undefined || name === 'help') return { kind: 'help' };
  if (name !== 'up' && (nodes !== undefined || gatewayPort !== undefined)) {
    return refused('--nodes and --gateway-port belong to "up"');
  }
  if (name === 'load') {
    if (rest.length === 0) return refused('name at least one image or image archive to load');
    return { kind: 'load', images: rest };
  }
  if (rest.length > 0) return refused(`"${name}" takes no further word: ${rest.join(' ')}`);
  if (name === 'up') return parseUp(nodes, gatewayPort);
  const plain = (['down', 'status', 'install', 'logs'] as const).find((one) => one === name);
  if (plain !== undefined) return { kind: plain };
  const all = 'up, down, status, install, load and logs';
  return refused(`there is no command "${name}"; there are ${all}`);
}

function parseUp(nodes: string | undefined, gatewayPort: string | undefined): Command {
  const asked = {
    nodes: wholeNumber(nodes, nodesMax),
    gatewayPort: wholeNumber(gatewayPort, 65_535),
  };
  if (nodes !== undefined && asked.nodes === undefined) {
    return refused(`--nodes is a number from 1 to ${nodesMax}, not "${nodes}"`);
  }
  if (gatewayPort !== undefined && asked.gatewayPort === undefined) {
    return refused(`--gateway-port is a number from 1 to 65535, not "${gatewayPort}"`);
  }
  return { kind: 'up', asked };
}

function wholeNumber(text: string | undefined, max: number): number | undefined {
  const value = text !== undefined && /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= max ? value : undefined;
}

function refused(message: string): Command {
  return { kind: 'refused', message };
}
