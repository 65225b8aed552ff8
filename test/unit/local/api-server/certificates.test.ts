// Certificates are private, last over restarts, and are renewed in time with the CA kept.

import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ensureCertificates } from '../../../../local/api-server/certificates.ts';
import { writeKubeconfig } from '../../../../local/api-server/write-kubeconfig.ts';

const dayMs = 24 * 3600_000;
const nowMs = Date.now();
let home: string;
let folder: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'rouse-pki-'));
  folder = join(home, 'pki');
});
afterEach(() => rmSync(home, { recursive: true }));

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('ensureCertificates', () => {
  it('makes a CA and a server certificate that only their owner can read', async () => {
    const made = await ensureCertificates({ folder, nowMs });
    const server = new X509Certificate(made.cert);
    const authority = new X509Certificate(made.ca);
    expect(server.checkIssued(authority) && server.verify(authority.publicKey)).toBe(true);
    for (const name of ['localhost', 'kubernetes.default.svc']) {
      expect(server.checkHost(name)).toBe(name);
    }
    for (const ip of ['127.0.0.1', '::1']) expect(server.checkIP(ip)).toBe(ip);
    expect(authority.ca).toBe(true);
    expect(server.ca).toBe(false);
    for (const name of readdirSync(folder)) expect(modeOf(join(folder, name))).toBe(0o600);
    expect(readdirSync(folder).sort()).toEqual(['ca.crt', 'ca.key', 'server.crt', 'server.key']);
  });

  it('keeps what is good, renews what is not, and keeps the CA', async () => {
    const first = await ensureCertificates({ folder, nowMs });
    expect(await ensureCertificates({ folder, nowMs: nowMs + 300 * dayMs })).toEqual(first);
    const later = await ensureCertificates({ folder, nowMs: nowMs + 340 * dayMs });
    expect(later.ca).toBe(first.ca);
    expect(later.cert).not.toBe(first.cert);
    const muchLater = await ensureCertificates({ folder, nowMs: nowMs + 3600 * dayMs });
    expect(muchLater.ca).not.toBe(first.ca);
  });
});

describe('writeKubeconfig', () => {
  it('holds the token where only the owner can read it', async () => {
    const path = join(home, 'deep', 'kubeconfig');
    await writeKubeconfig({ path, url: 'https://127.0.0.1:6444', ca: 'CA', token: 'secret' });
    expect(modeOf(path)).toBe(0o600);
    const text = readFileSync(path, 'utf8');
    expect(text).toContain('token: secret');
    expect(text).toContain(`certificate-authority-data: ${Buffer.from('CA').toString('base64')}`);
  });
});
