// POST of a review: who am I, may I. Whoever holds the token may do everything, so the answers are short.

import type { AnyObject } from './any-object.ts';
import { decodeKind } from './decode-object.ts';
import { apiVersionOf } from './resource-info.ts';
import { readAccountToken } from './service-account-token.ts';
import type { Answer, Call, ServerParts } from './server-parts.ts';

export function createReview(parts: ServerParts, call: Call): Answer {
  const { info } = call;
  const review = decodeKind(call.body, apiVersionOf(info), info.kind);
  review.status = decideStatus(parts, call, review);
  return { kind: 'object', status: 201, object: review };
}

export function isReview(group: string): boolean {
  return group === 'authentication.k8s.io' || group === 'authorization.k8s.io';
}

function decideStatus(parts: ServerParts, call: Call, review: AnyObject): AnyObject['status'] & {} {
  switch (call.info.plural) {
    case 'selfsubjectreviews':
      return { userInfo: userInfo(call.user) };
    case 'tokenreviews': {
      const token = review.spec?.['token'];
      const user = typeof token === 'string' ? readAccountToken(token, parts) : undefined;
      if (user === undefined) return { authenticated: false, user: {} };
      return { authenticated: true, user: userInfo(user) };
    }
    case 'selfsubjectrulesreviews':
      return {
        resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
        incomplete: false,
      };
    default:
      return {
        allowed: true,
        reason: 'whoever holds a token of this local cluster may do everything',
      };
  }
}

function userInfo(user: string): Record<string, unknown> {
  const groups = user.startsWith('system:serviceaccount:')
    ? ['system:serviceaccounts', 'system:authenticated']
    : ['system:masters', 'system:authenticated'];
  return { username: user, groups };
}
