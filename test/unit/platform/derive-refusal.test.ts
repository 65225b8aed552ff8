// Which refusals of the API server become a condition, and under which reason.

import { describe, expect, it } from '@jest/globals';
import { deriveRefusal } from '../../../platform/kube/derive-refusal.ts';

const refuse = (status: number, message: string) =>
  deriveRefusal({ status, message: '', body: { message } });

describe('deriveRefusal', () => {
  it.each([
    [403, 'pods "a" is forbidden: exceeded quota: small, used: pods=2', 'QuotaExceeded'],
    [403, 'pods "a" is forbidden: status unknown for quota: small', 'QuotaExceeded'],
    [403, 'pods "a" is forbidden: failed quota: small: must specify cpu', 'QuotaExceeded'],
    [
      403,
      'pods "a" is forbidden: unable to create new content in namespace shop because it is being terminated',
      'NamespaceTerminating',
    ],
    [
      403,
      'pods "a" is forbidden: violates PodSecurity "restricted:latest": runAsNonRoot',
      'PodSecurityViolation',
    ],
    [403, 'pods is forbidden: User "x" cannot create resource "pods"', 'Forbidden'],
    [422, 'Deployment.apps "a" is invalid: spec.template', 'Invalid'],
  ])('%s %s is %s', (status, message, reason) => {
    expect(refuse(status, message)?.reason).toBe(reason);
    expect(message).toContain(refuse(status, message)?.message.split(';')[0]);
  });

  it('tells what to do about a missing right', () => {
    expect(refuse(403, 'cannot create resource "pods"')?.message).toMatch(/helm upgrade/);
  });

  it.each([404, 409, 429, 500, 503])('has nothing to tell of %s', (status) => {
    expect(refuse(status, 'x')).toBeUndefined();
  });
});
