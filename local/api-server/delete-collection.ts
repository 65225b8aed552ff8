// DELETE of a whole collection, or of what a selector matches in it.

import { deleteStored } from './delete.ts';
import { selectObjects } from './list.ts';
import type { Answer, Call, ServerParts } from './server-parts.ts';
import { readDeleteOptions } from './write-options.ts';

export function deleteCollection(parts: ServerParts, call: Call): Answer {
  const options = readDeleteOptions(call);
  const { items } = selectObjects(parts, call);
  for (const current of items) deleteStored(parts, call, current, options);
  const resourceVersion = String(parts.storage.resourceVersion());
  return { kind: 'list', info: call.info, items, metadata: { resourceVersion } };
}
