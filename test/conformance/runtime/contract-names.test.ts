// The names a runtime image repeats are the names of api/.

import { describe, expect, it } from '@jest/globals';
import * as api from '../../../api/names.ts';
import * as image from '../../../runtime-images/node/contract-names.ts';
import * as wire from '../../../api/wire.ts';
import { errorCodes } from '../../../api/errors.ts';
import { readFileSync } from 'node:fs';
import { signatures } from '../../../api/function.ts';

const contract = readFileSync(
  new URL('../../../runtime-images/CONTRACT.md', import.meta.url),
  'utf8',
);

describe('the node runtime', () => {
  it('repeats headers, environment, ports and limits as they stand in api/', () => {
    for (const [key, name] of Object.entries(image.headers)) {
      expect({ key, name }).toEqual({ key, name: (api.headers as Record<string, string>)[key] });
    }
    const known = api.env as Record<string, string>;
    for (const [key, name] of Object.entries(image.env)) {
      if (key in known) expect({ key, name }).toEqual({ key, name: known[key] });
    }
    for (const key of Object.keys(known)) expect(Object.keys(image.env)).toContain(key);
    expect(image.httpPortDefault).toBe(api.httpPort);
    expect(image.controlPortDefault).toBe(api.controlPort);
    expect(image.bundleBytesMax).toBe(wire.bundleBytesMax);
    expect(image.signatureLifeMs).toBe(wire.signatureLifeMs);
    expect([...image.signatures]).toEqual([...signatures]);
  });

  it('signs the same text and takes the same bundle', () => {
    const request = { podUid: 'u', path: '/specialize', expiresAtMs: 12, bodySha256Hex: 'ab' };
    expect(image.signedText(request)).toBe(wire.signedText(request));
    // Assignable both ways, or this file does not compile.
    const bundle = (value: wire.SpecializeBundle): image.SpecializeBundle => value;
    const back = (value: image.SpecializeBundle): wire.SpecializeBundle => value;
    const answer = (value: image.SpecializeAnswer): wire.SpecializeAnswer => value;
    expect([bundle, back, answer]).toHaveLength(3);
  });
});

describe('CONTRACT.md', () => {
  it('names every header, variable and exit code', () => {
    for (const name of [...Object.values(image.headers), ...Object.values(image.env)]) {
      expect(contract.toLowerCase()).toContain(`\`${name.toLowerCase()}`);
    }
    for (const code of Object.values(image.exitCodes)) expect(contract).toContain(`| ${code} |`);
    const codes = [
      ...contract.matchAll(/`(no_capacity|concurrency_limited|body_too_large|function_timeout)`/g),
    ];
    for (const [, code] of codes) expect(Object.keys(errorCodes)).toContain(code);
  });
});
