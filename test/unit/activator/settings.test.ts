// Settings from the environment, and where controllers are found.

import { describe, expect, it } from '@jest/globals';
import { listControllers } from '../../../activator/list-controllers.ts';
import { limitDefaults, readSettings } from '../../../activator/settings.ts';

describe('readSettings', () => {
  it('has a default for everything', () => {
    const settings = readSettings({});
    expect(settings.gatewayPort).toBe(8080);
    expect(settings.domain).toBe('localhost');
    expect(settings.limits).toEqual(limitDefaults);
  });

  it('reads limits and refuses what makes no sense, naming the variable', () => {
    expect(readSettings({ ROUSE_WAKE_TIMEOUT_MS: '500' }).limits.wakeTimeoutMs).toBe(500);
    for (const value of ['0', '-1', 'soon', '1e99', '1.5']) {
      expect(() => readSettings({ ROUSE_WAKE_TIMEOUT_MS: value })).toThrow(
        /ROUSE_WAKE_TIMEOUT_MS is .*; set it to/,
      );
    }
  });
});

describe('the warm pool', () => {
  it('is on unless it is switched off', () => {
    expect(readSettings({}).hasPool).toBe(true);
    expect(readSettings({ ROUSE_POOL: 'off' }).hasPool).toBe(false);
    expect(() => readSettings({ ROUSE_POOL: 'no' })).toThrow(/ROUSE_POOL is "no"; set it to/);
  });
});

describe('listControllers', () => {
  const slice = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'rouse-controller-1' },
    ports: [{ name: 'http', port: 8085 }],
  };

  it('gives every endpoint that is not known to be unready', () => {
    const found = listControllers([
      {
        ...slice,
        addressType: 'IPv4',
        endpoints: [
          { addresses: ['10.0.0.1'], conditions: { ready: true } },
          { addresses: ['10.0.0.2'], conditions: { ready: false } },
          { addresses: ['10.0.0.3'] },
        ],
      },
      { ...slice, addressType: 'IPv6', endpoints: [{ addresses: ['fd00::1'] }] },
      { ...slice, addressType: 'IPv4', ports: [], endpoints: [{ addresses: ['10.0.0.9'] }] },
    ]);
    expect(found).toEqual([
      'http://10.0.0.1:8085',
      'http://10.0.0.3:8085',
      'http://[fd00::1]:8085',
    ]);
  });
});
