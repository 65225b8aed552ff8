// Every area of the conformance suite, in one list.

import type { ConformanceArea } from './conformance-case.ts';
import { apply } from './cases/apply.ts';
import { definitionsArea } from './cases/definitions.ts';
import { functions } from './cases/functions.ts';
import { kinds } from './cases/kinds.ts';
import { kubectlAreas } from './cases/kubectl.ts';
import { lists } from './cases/lists.ts';
import { objects } from './cases/objects.ts';
import { patches } from './cases/patches.ts';
import { protocol } from './cases/protocol.ts';
import { subresources } from './cases/subresources.ts';
import { views } from './cases/views.ts';
import { watches } from './cases/watches.ts';
import { workloads } from './cases/workloads.ts';

export const areas: readonly ConformanceArea[] = [
  objects,
  patches,
  apply,
  lists,
  watches,
  protocol,
  kinds,
  subresources,
  definitionsArea,
  functions,
  views,
  workloads,
  ...kubectlAreas,
];
