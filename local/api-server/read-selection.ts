// Reads the selectors of a request, refusing those that can't be understood with 400.

import { buildSelectable, hasOwnFields, pickFieldLabels } from './build-selectable.ts';
import { matchesSelection, parseFieldSelector, parseLabelSelector } from './parse-selector.ts';
import type { Parsed, Selection } from './parse-selector.ts';
import type { Call } from './server-parts.ts';
import { storageKey } from './server-parts.ts';
import { badRequest } from './status-error.ts';
import type { StoredObject } from './storage.ts';

export function readSelection(call: Call): Selection {
  const key = storageKey(call.info);
  const known = pickFieldLabels(key);
  const { name } = call.path;
  const parsed = parseFieldSelector(call.query.get('fieldSelector') ?? '', known);
  const fields = unwrap(call.info.isCustom || hasOwnFields(key) ? parsed : inPlainWords(parsed));
  return {
    labels: unwrap(parseLabelSelector(call.query.get('labelSelector') ?? '')),
    // A watch of one object by its path is a watch of the collection with this selector.
    fields:
      name === undefined
        ? fields
        : [...fields, { field: 'metadata.name', isEqual: true, value: name }],
  };
}

/** Kinds without fields of their own say which there are. */
function inPlainWords<T>(parsed: Parsed<T>): Parsed<T> {
  if (!('error' in parsed)) return parsed;
  const field = /^field label not supported: (.*)$/s.exec(parsed.error)?.[1];
  if (field === undefined) return parsed;
  return {
    error: `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
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
