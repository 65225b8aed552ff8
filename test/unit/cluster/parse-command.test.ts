// parseCommand: every word a user may type after `npm run cluster --`.

import { describe, expect, it } from '@jest/globals';
import { parseCommand } from '../../../cluster/parse-command.ts';

const parse = (positionals: string[], options: { nodes?: string; gatewayPort?: string } = {}) =>
  parseCommand({
    positionals,
    nodes: options.nodes,
    gatewayPort: options.gatewayPort,
    help: false,
  });

describe('parseCommand', () => {
  it('leaves open what was not said, so that a second `up` fits any cluster', () => {
    expect(parse(['up'])).toEqual({
      kind: 'up',
      asked: { nodes: undefined, gatewayPort: undefined },
    });
  });

  it('takes the number of nodes and the port', () => {
    expect(parse(['up'], { nodes: '3', gatewayPort: '9000' })).toEqual({
      kind: 'up',
      asked: { nodes: 3, gatewayPort: 9000 },
    });
  });

  it.each(['down', 'status', 'install', 'logs'])('knows %s', (name) => {
    expect(parse([name])).toEqual({ kind: name });
  });

  it('takes any number of images to load', () => {
    expect(parse(['load', 'a:1', 'b.tar'])).toEqual({ kind: 'load', images: ['a:1', 'b.tar'] });
  });

  it('shows the usage where nothing is asked', () => {
    expect(parse([])).toEqual({ kind: 'help' });
  });

  it.each([
    [['up'], { nodes: '0' }, '--nodes is a number from 1 to 10, not "0"'],
    [['up'], { nodes: 'x' }, '--nodes is a number from 1 to 10, not "x"'],
    [['up'], { nodes: '11' }, '--nodes is a number from 1 to 10, not "11"'],
    [['up'], { gatewayPort: '70000' }, '--gateway-port is a number from 1 to 65535, not "70000"'],
    [['down'], { nodes: '1' }, '--nodes and --gateway-port belong to "up"'],
    [['down', 'now'], {}, '"down" takes no further word: now'],
    [['load'], {}, 'name at least one image or image archive to load'],
    [
      ['halt'],
      {},
      'there is no command "halt"; there are up, down, status, install, load and logs',
    ],
  ])('refuses %j with %j', (words, options, message) => {
    expect(parse(words, options)).toEqual({ kind: 'refused', message });
  });
});
