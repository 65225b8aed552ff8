// The cluster's own certificate authority and the server certificate it signed, made once and renewed in time.

import type * as X509 from '@peculiar/x509';
import { randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Certificates {
  /** PEM texts. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  /** For example ROUSE_HOME/pki; made with mode 0700. */
  readonly folder: string;
  readonly nowMs: number;
}

const dayMs = 24 * 3600_000;
const caLifeMs = 3650 * dayMs;
const serverLifeMs = 365 * dayMs;
/** A certificate with less than this left is made anew. */
const renewBeforeMs = 30 * dayMs;
/** Clocks of clients may be behind. */
const backdateMs = 3600_000;
const dnsNames = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
];
const ipAddresses = ['127.0.0.1', '::1', '10.96.0.1'];
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** Reads the certificates, or makes what is missing or about to expire. A new CA needs a new kubeconfig. */
export async function ensureCertificates(options: CertificateOptions): Promise<Certificates> {
  const { folder, nowMs } = options;
  const kept = await readCertificates(folder);
  if (kept !== undefined && isGood(kept, nowMs)) return kept;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const made = await makeCertificates(nowMs, await readAuthority(folder, nowMs));
  await writePrivate(join(folder, 'ca.key'), made.caKey);
  await writePrivate(join(folder, 'ca.crt'), made.ca);
  await writePrivate(join(folder, 'server.key'), made.key);
  await writePrivate(join(folder, 'server.crt'), made.cert);
  return { ca: made.ca, cert: made.cert, key: made.key };
}

async function readCertificates(folder: string): Promise<Certificates | undefined> {
  try {
    const [ca, cert, key] = await Promise.all(
      ['ca.crt', 'server.crt', 'server.key'].map((name) => readFile(join(folder, name), 'utf8')),
    );
    return ca && cert && key ? { ca, cert, key } : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function isGood({ ca, cert }: Certificates, nowMs: number): boolean {
  try {
    const [authority, server] = [new X509Certificate(ca), new X509Certificate(cert)];
    const lastMs = Math.min(Date.parse(authority.validTo), Date.parse(server.validTo));
    const hasNames = [...dnsNames, ...ipAddresses].every((name) =>
      name.includes('.') && /^[\d.]+$/.test(name)
        ? server.checkIP(name) !== undefined
        : name.includes(':')
          ? server.checkIP(name) !== undefined
          : server.checkHost(name) !== undefined,
    );
    return server.checkIssued(authority) && hasNames && lastMs - nowMs > renewBeforeMs;
  } catch {
    return false;
  }
}

interface Authority {
  readonly ca: string;
  readonly caKey: string;
}

/** The CA is kept as long as it lives, so that kubeconfigs that trust it stay good. */
async function readAuthority(folder: string, nowMs: number): Promise<Authority | undefined> {
  try {
    const ca = await readFile(join(folder, 'ca.crt'), 'utf8');
    const caKey = await readFile(join(folder, 'ca.key'), 'utf8');
    const lastMs = Date.parse(new X509Certificate(ca).validTo);
    return lastMs - nowMs > serverLifeMs + renewBeforeMs ? { ca, caKey } : undefined;
  } catch {
    return undefined;
  }
}

// The library is loaded only when certificates have to be made, which is once a year.
async function makeCertificates(
  nowMs: number,
  known: Authority | undefined,
): Promise<Certificates & Authority> {
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  const crypto = globalThis.crypto;
  const notBefore = new Date(nowMs - backdateMs);
  const authority = known ?? (await makeAuthority(x509, crypto, { nowMs, notBefore }));
  const issuer = new x509.X509Certificate(authority.ca);
  const caKey = await importKey(authority.caKey);
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const server = await x509.X509CertificateGenerator.create({
    serialNumber: randomBytes(16).toString('hex'),
    subject: 'CN=rouse-api-server',
    issuer: issuer.subject,
    notBefore,
    notAfter: new Date(nowMs + serverLifeMs),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey: caKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
        ...ipAddresses.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer, false, crypto),
    ],
  });
  return {
    ...authority,
    cert: `${server.toString('pem')}\n`,
    key: await exportKey(keys.privateKey),
  };
}

async function makeAuthority(
  x509: typeof X509,
  crypto: typeof globalThis.crypto,
  times: { nowMs: number; notBefore: Date },
): Promise<Authority> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(16).toString('hex'),
    name: 'CN=rouse-local-ca',
    notBefore: times.notBefore,
    notAfter: new Date(times.nowMs + caLifeMs),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, crypto),
    ],
  });
  return { ca: `${certificate.toString('pem')}\n`, caKey: await exportKey(keys.privateKey) };
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const bytes = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  const lines = bytes.toString('base64').replace(/(.{64})(?=.)/g, '$1\n');
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
}

async function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const bytes = Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');
  return webcrypto.subtle.importKey('pkcs8', bytes, algorithm, false, ['sign']);
}

/** Whole or not at all, and never readable by others, not even for a moment. */
export async function writePrivate(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text, { mode: 0o600 });
  await chmod(temporary, 0o600);
  await rename(temporary, path);
}
