// What undoes a Docker's traces in the host's network: from the state before it and the state after it.

export interface NetworkState {
  /** Output of `iptables-save` and of `ip6tables-save`. */
  readonly rules: Readonly<Record<'iptables' | 'ip6tables', string>>;
  readonly bridges: readonly string[];
  /** What each file under /proc/sys that lets packets through holds. */
  readonly forwarding: Readonly<Record<string, string>>;
}

export interface NetworkRestore {
  /** Commands to run in this order, each a program with its arguments. */
  readonly commands: readonly (readonly string[])[];
  /** Files with the content to be written back, in this order. */
  readonly forwarding: readonly (readonly [file: string, content: string])[];
}

/** Only what Docker made is undone: others may have changed the network meanwhile, and keep what they did. */
const dockers = /\b(DOCKER|docker0|br-[0-9a-f]{12})/;

export function planNetworkRestore(before: NetworkState, after: NetworkState): NetworkRestore {
  const bridges = after.bridges.filter(
    (bridge) => dockers.test(bridge) && !before.bridges.includes(bridge),
  );
  return {
    commands: [
      ...bridges.map((bridge) => ['ip', 'link', 'del', bridge]),
      ...restoreRules('iptables', before.rules.iptables, after.rules.iptables),
      ...restoreRules('ip6tables', before.rules.ip6tables, after.rules.ip6tables),
    ],
    forwarding: Object.entries(before.forwarding)
      .filter(([file, content]) => (after.forwarding[file] ?? content) !== content)
      // The one for all interfaces goes first, since it writes to each of the others.
      .sort(([file], [other]) => Number(other.includes('/all/')) - Number(file.includes('/all/'))),
  };
}

function restoreRules(program: string, before: string, after: string): string[][] {
  const old = parseSaved(before);
  return [...parseSaved(after)].flatMap(([table, now]) => {
    const was = old.get(table) ?? { policies: new Map(), rules: [] };
    const call = (...words: string[]) => [program, '-w', '-t', table, ...words];
    const chains = [...now.policies.keys()].filter(
      (chain) => chain.startsWith('DOCKER') && !was.policies.has(chain),
    );
    const rules = surplus(now.rules, was.rules).filter(
      (rule) => dockers.test(rule) && !chains.includes(chainOf(rule)),
    );
    const policies = [...now.policies].filter(
      ([chain, policy]) => policy !== '-' && policy !== (was.policies.get(chain) ?? 'ACCEPT'),
    );
    return [
      ...rules.map((rule) => call('-D', ...splitWords(rule.slice('-A '.length)))),
      // All are emptied before the first goes, since they jump to each other.
      ...chains.map((chain) => call('-F', chain)),
      ...chains.map((chain) => call('-X', chain)),
      ...policies.map(([chain]) => call('-P', chain, was.policies.get(chain) ?? 'ACCEPT')),
    ];
  });
}

interface Table {
  /** By chain; `-` for one that a user made. */
  readonly policies: Map<string, string>;
  readonly rules: string[];
}

function parseSaved(text: string): Map<string, Table> {
  const tables = new Map<string, Table>();
  let table: Table = { policies: new Map(), rules: [] };
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) {
      table = { policies: new Map(), rules: [] };
      tables.set(line.slice(1).trim(), table);
    } else if (line.startsWith(':')) {
      const [chain = '', policy = '-'] = line.slice(1).split(' ');
      table.policies.set(chain, policy);
    } else if (line.startsWith('-A ')) {
      table.rules.push(line.trim());
    }
  }
  return tables;
}

/** Those of `now` that `was` has not, counting each as often as it stands there. */
function surplus(now: readonly string[], was: readonly string[]): string[] {
  const rest = [...was];
  return now.filter((rule) => {
    const at = rest.indexOf(rule);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

function chainOf(rule: string): string {
  return rule.split(' ')[1] ?? '';
}

/** As a shell would: a comment of a rule may stand in double quotes. */
function splitWords(text: string): string[] {
  const words = text.match(/"(?:\\.|[^"\\])*"|\S+/g) ?? [];
  return words.map((word) =>
    word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, '$1') : word,
  );
}
