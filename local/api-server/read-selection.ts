// Reads the selectors of a request, refusing those that can't be understood with 400.

import { buildSelectable, pickFieldLabels } from './build-selectable.ts';
import { matchesSelection, parseFieldSelector, parseLabelSelector } from './parse-selector.ts';
import type { Parsed, Selection } from './parse-selector.ts';
import type { Call } from './server-parts.ts';
import { storageKey } from './server-parts.ts';
import { badRequest } from './status-error.ts';
import type { StoredObject } from './storage.ts';

export function readSelection(call: Call): Selection {
  const known = pickFieldLabels(storageKey(call.info));
  const { name } = call.path;
  const fields = unwrap(parseFieldSelector(call.query.get('fieldSelector') ?? '', known));
  return {
    labels: unwrap(parseLabelSelector(call.query.get('labelSelector') ?? '')),
    // A watch of one object by its path is a watch of the collection with this selector.
    fields:
      name === undefined
        ? fields
        : [...fields, { field: 'metadata.name', isEqual: true, value: name }],
  };
}

function unwrap<T>(parsed: Parsed<T>): T {
  if ('error' in parsed) throw badRequest(parsed.error);
  return parsed.value;
}

export function isEverything(selection: Selection): boolean {
  return selection.labels.length === 0 && selection.fields.length === 0;
}

export function matchesStored(selection: Selection, stored: StoredObject): boolean {
  if (isEverything(selection)) return true;
  return matchesSelection(selection, buildSelectable(stored.resource, stored.object));
}
