// What kube-apiserver refuses in an Event: little in the old form, which old clients write, more in the new one.

import type { Cause } from '../cause.ts';
import { invalid, required } from '../schema/field-causes.ts';
import { isJsonEqual } from '../schema/is-json-equal.ts';
import type { JsonObject } from './field-checks.ts';
import { invalidAll, isObject, objectOf, textOf } from './field-checks.ts';
import { checkQualifiedName } from './name-rules.ts';

const shortLengthMax = 128;
const noteLengthMax = 1024;

/** An Event of the core group. `controllerField` is the name of the field that says who reported it. */
export function validateEvent(event: JsonObject, controllerField = 'reportingComponent'): Cause[] {
  const own = textOf(objectOf(event['metadata'])['namespace']);
  const about = textOf(objectOf(event['involvedObject'])['namespace']);
  // One with an eventTime is of the new style, which knows who reported it.
  const isNew = textOf(event['eventTime']) !== '';
  const homes = isNew ? ['default', 'kube-system'] : ['default'];
  const isHome = about === '' ? homes.includes(own) : isNew || about === own;
  const causes = isHome
    ? []
    : [invalid('involvedObject.namespace', about, 'does not match event.namespace')];
  return isNew ? [...causes, ...validateReport(event, controllerField)] : causes;
}

function validateReport(event: JsonObject, controllerField: string): Cause[] {
  const controller = textOf(event['reportingComponent']);
  const limits = [
    ['reportingInstance', shortLengthMax],
    ['action', shortLengthMax],
    ['reason', shortLengthMax],
    ['message', noteLengthMax],
  ] as const;
  const needed = ['reportingInstance', 'action', 'reason'];
  return [
    ...(controller === '' ? [required(controllerField)] : []),
    ...invalidAll(controllerField, controller, checkQualifiedName(controller)),
    ...needed.filter((field) => textOf(event[field]) === '').map((field) => required(field)),
    ...limits
      .filter(([field, max]) => Buffer.byteLength(textOf(event[field])) > max)
      .map(([field, max]) => invalid(field, '', `can have at most ${max} characters`)),
  ];
}

/** An Event of events.k8s.io/v1; both in the form of the core group, whose names the refusals have, too. */
export function validateNewEvent(event: JsonObject, old: JsonObject | undefined): Cause[] {
  const causes = validateEvent(event, 'reportingController');
  const isSame = old !== undefined && isJsonEqual(event['series'], old['series']);
  const series = isSame ? [] : validateSeries(event['series']);
  const more = old === undefined ? validateNew(event) : findChanges(event, old);
  return [...causes, ...series, ...more];
}

function validateSeries(series: unknown): Cause[] {
  if (!isObject(series)) return [];
  const { count, lastObservedTime } = series;
  return [
    ...(Number(count ?? 0) < 2 ? [invalid('series.count', '', 'should be at least 2')] : []),
    ...(textOf(lastObservedTime) === '' ? [required('series.lastObservedTime')] : []),
  ];
}

function validateNew(event: JsonObject): Cause[] {
  const type = textOf(event['type']);
  const { component, host } = objectOf(event['source']);
  const isSet: readonly (readonly [string, boolean])[] = [
    ['firstTimestamp', textOf(event['firstTimestamp']) !== ''],
    ['lastTimestamp', textOf(event['lastTimestamp']) !== ''],
    ['count', Number(event['count'] ?? 0) !== 0],
    ['source', textOf(component) !== '' || textOf(host) !== ''],
  ];
  const isKnown = type === 'Normal' || type === 'Warning';
  return [
    ...(textOf(event['eventTime']) === '' ? [required('eventTime')] : []),
    ...(isKnown ? [] : [invalid('type', '', `has invalid value: ${type}`)]),
    ...isSet.filter(([, is]) => is).map(([field]) => invalid(field, '', 'needs to be unset')),
  ];
}

const fixedFields = [
  'involvedObject',
  'reason',
  'message',
  'source',
  'firstTimestamp',
  'lastTimestamp',
  'count',
  'type',
  'eventTime',
  'action',
  'related',
  'reportingComponent',
  'reportingInstance',
];

function findChanges(event: JsonObject, old: JsonObject): Cause[] {
  return fixedFields
    .filter((field) => !isJsonEqual(event[field] ?? null, old[field] ?? null))
    .map((field) => {
      const name = field === 'reportingComponent' ? 'reportingController' : field;
      return invalid(name, event[field] ?? null, 'field is immutable');
    });
}
