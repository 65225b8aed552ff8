// Events in the form of events.k8s.io/v1 and in that of the core group: the same fields under other names.

import type { AnyObject } from '../any-object.ts';
import type { ResourceView } from './resource-view.ts';

/** By their names in events.k8s.io/v1. The others are called alike. */
const coreNames: ReadonlyMap<string, string> = new Map([
  ['regarding', 'involvedObject'],
  ['note', 'message'],
  ['reportingController', 'reportingComponent'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
]);
const newNames: ReadonlyMap<string, string> = new Map([...coreNames].map(([a, b]) => [b, a]));

function rename(
  object: AnyObject,
  apiVersion: string,
  names: ReadonlyMap<string, string>,
): AnyObject {
  const fields = Object.entries(object).map(([name, value]) => [names.get(name) ?? name, value]);
  return { ...(Object.fromEntries(fields) as AnyObject), apiVersion };
}

const regardingFields = [
  'kind',
  'namespace',
  'name',
  'uid',
  'apiVersion',
  'resourceVersion',
  'fieldPath',
];

export const eventView: ResourceView = {
  home: '/events',
  refusedGroup: '',
  show: (kept) => {
    const shown = rename(kept, 'events.k8s.io/v1', newNames);
    // They are left out here, where the core group writes an empty text.
    for (const field of ['reportingController', 'reportingInstance']) {
      if (shown[field] === '') delete shown[field];
    }
    return shown;
  },
  keep: (shown) => ({
    reportingComponent: '',
    reportingInstance: '',
    ...rename(shown, 'v1', coreNames),
  }),
  fieldNames: new Map([
    ...regardingFields.map((one): [string, string] => [
      `regarding.${one}`,
      `involvedObject.${one}`,
    ]),
    ['reportingController', 'reportingComponent'],
  ]),
};
