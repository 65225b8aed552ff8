// planNetworkRestore: what Docker left goes, and nothing else does.

import { describe, expect, it } from '@jest/globals';
import { planNetworkRestore } from '../../../cluster/plan-network-restore.ts';

const state = (iptables: string, bridges: string[] = [], forward = '1\n') => ({
  rules: { iptables, ip6tables: '' },
  bridges,
  forwarding: { '/ipv6/eth0/forwarding': forward, '/ipv6/all/forwarding': forward },
});
const saved = (...lines: string[]) => ['*filter', ...lines, 'COMMIT', ''].join('\n');
const restore = (before: string, after: string) =>
  planNetworkRestore(state(before), state(after)).commands.map((words) => words.join(' '));

describe('planNetworkRestore', () => {
  it('does nothing where nothing changed', () => {
    const same = state(saved(':FORWARD ACCEPT [0:0]', '-A FORWARD -j ACCEPT'), ['docker0']);
    expect(planNetworkRestore(same, same)).toEqual({ commands: [], forwarding: [] });
  });

  it("takes away Docker's bridges, and none that was there or is another's", () => {
    const before = state('', ['br-aaaaaaaaaaaa']);
    const after = state('', ['br-aaaaaaaaaaaa', 'docker0', 'br-0123456789ab', 'cni0']);
    expect(planNetworkRestore(before, after).commands).toEqual([
      ['ip', 'link', 'del', 'docker0'],
      ['ip', 'link', 'del', 'br-0123456789ab'],
    ]);
  });

  it("takes away jumps first, then empties Docker's chains, then deletes them", () => {
    const after = saved(
      ':FORWARD ACCEPT [0:0]',
      ':DOCKER - [0:0]',
      ':DOCKER-USER - [0:0]',
      '-A FORWARD -j DOCKER-USER',
      '-A FORWARD -o docker0 -j DOCKER',
      '-A DOCKER-USER -j RETURN',
    );
    expect(restore('', after)).toEqual([
      'iptables -w -t filter -D FORWARD -j DOCKER-USER',
      'iptables -w -t filter -D FORWARD -o docker0 -j DOCKER',
      'iptables -w -t filter -F DOCKER',
      'iptables -w -t filter -F DOCKER-USER',
      'iptables -w -t filter -X DOCKER',
      'iptables -w -t filter -X DOCKER-USER',
    ]);
  });

  it('leaves what others added meanwhile', () => {
    const after = saved(':KUBE-SERVICES - [0:0]', '-A FORWARD -j KUBE-SERVICES');
    expect(restore('', after)).toEqual([]);
  });

  it('keeps the chains of a Docker that was there before', () => {
    const before = saved(':DOCKER - [0:0]', '-A FORWARD -o docker0 -j DOCKER');
    const after = `${before.replace('COMMIT\n', '')}-A FORWARD -i br-0123456789ab -j ACCEPT\nCOMMIT\n`;
    expect(restore(before, after)).toEqual([
      'iptables -w -t filter -D FORWARD -i br-0123456789ab -j ACCEPT',
    ]);
  });

  it('takes away one of two equal rules where one was there', () => {
    const rule = '-A FORWARD -i docker0 -j ACCEPT';
    expect(restore(saved(rule), saved(rule, rule))).toHaveLength(1);
  });

  it('takes a comment in quotes as one word', () => {
    const after = saved('-A FORWARD -i docker0 -m comment --comment "two \\"words\\"" -j ACCEPT');
    expect(planNetworkRestore(state(''), state(after)).commands[0]).toContain('two "words"');
  });

  it('gives a chain its policy back, and forwarding its former value', () => {
    const before = state(saved(':FORWARD ACCEPT [0:0]'), [], '0\n');
    const after = state(saved(':FORWARD DROP [0:0]'), [], '1\n');
    expect(planNetworkRestore(before, after)).toEqual({
      commands: [['iptables', '-w', '-t', 'filter', '-P', 'FORWARD', 'ACCEPT']],
      forwarding: [
        ['/ipv6/all/forwarding', '0\n'],
        ['/ipv6/eth0/forwarding', '0\n'],
      ],
    });
  });
});
