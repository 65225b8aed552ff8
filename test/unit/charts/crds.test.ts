// The chart's CustomResourceDefinitions are those of api/.

import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { functionCrd } from '../../../api/function-crd.ts';
import { revisionCrd } from '../../../api/revision-crd.ts';
import { crdFolder, renderCrds } from '../../../charts/write-crds.ts';

const read = (name: string): string => readFileSync(join(crdFolder, name), 'utf8');

describe('charts/rouse/files/crds', () => {
  it('is what `node charts/write-crds.ts` writes', () => {
    const written = Object.fromEntries(readdirSync(crdFolder).map((name) => [name, read(name)]));
    expect(written).toEqual(renderCrds());
  });

  it.each([functionCrd, revisionCrd])('says what api/ says: $metadata.name', (crd) => {
    expect(parse(read(`${crd.metadata.name}.yaml`))).toEqual(JSON.parse(JSON.stringify(crd)));
  });
});
