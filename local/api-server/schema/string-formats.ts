// The string formats that Kubernetes checks in custom resources; every other format is only a hint.

import { parseDuration } from './parse-duration.ts';

const octet = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ipv4 = new RegExp(`^${octet}(\\.${octet}){3}$`);
const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const dateTime = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}([.,]\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
const date = /^\d{4}-\d{2}-\d{2}$/;
const hostname =
  /^(?=.{1,255}$)[0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?(\.[0-9A-Za-z]([0-9A-Za-z-]{0,61}[0-9A-Za-z])?)*\.?$/;
const base64 = /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const email = /^[^\s@<>]+@[^\s@<>]+$/;

/** Ipv6 as net.ParseIP reads it, with at most one `::`. */
export function isIpv6(text: string): boolean {
  if (!text.includes(':') || text.length > 45) return false;
  const [head = '', tail, more] = text.split('::');
  if (more !== undefined) return false;
  const groups = [...toGroups(head), ...toGroups(tail ?? '')];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  return tail === undefined ? groups.length === 8 : groups.length <= 7;
}

/** An embedded IPv4 address counts as two groups. */
function toGroups(text: string): string[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => (ipv4.test(group) ? ['0', '0'] : [group]));
}

export const isIpv4 = (text: string): boolean => ipv4.test(text);
export const isIp = (text: string): boolean => isIpv4(text) || isIpv6(text);

export function isCidr(text: string): boolean {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  if (match === null) return false;
  const [, address = '', bits = ''] = match;
  if (isIpv4(address)) return Number(bits) <= 32;
  return isIpv6(address) && Number(bits) <= 128;
}

const isDate = (text: string): boolean =>
  date.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`));

const isDateTime = (text: string): boolean =>
  dateTime.test(text) && !Number.isNaN(Date.parse(text.replace(',', '.').replace(' ', 'T')));

function isUri(text: string): boolean {
  return text.startsWith('/') || (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(text) && URL.canParse(text));
}

const shortName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const longName = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export const stringFormats: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['date-time', isDateTime],
  ['datetime', isDateTime],
  ['date', isDate],
  ['duration', (text: string) => parseDuration(text) !== undefined],
  ['byte', (text: string) => base64.test(text)],
  ['uuid', (text: string) => uuid.test(text)],
  ['ipv4', isIpv4],
  ['ipv6', isIpv6],
  ['cidr', isCidr],
  ['email', (text: string) => email.test(text)],
  ['hostname', (text: string) => hostname.test(text)],
  ['uri', isUri],
  ['mac', (text: string) => /^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5,7}$/.test(text)],
  ['hexcolor', (text: string) => /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text)],
  ['k8s-short-name', (text: string) => shortName.test(text)],
  ['k8s-long-name', (text: string) => longName.test(text)],
]);
