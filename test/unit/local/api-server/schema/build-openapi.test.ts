// The OpenAPI documents hold what kubectl looks for.

import { describe, expect, it } from '@jest/globals';
import { functionCrd } from '../../../../../api/function-crd.ts';
import { kindTypes } from '../../../../../local/api-server/builtin/kind-table.ts';
import { buildCustomResources } from '../../../../../local/api-server/build-custom-resources.ts';
import { builtinResources } from '../../../../../local/api-server/builtin-resources.ts';
import { buildOpenApiV3 } from '../../../../../local/api-server/schema/build-openapi.ts';

interface Operation {
  parameters: { name: string; in: string }[];
  requestBody?: { content: object };
  'x-kubernetes-group-version-kind': object;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, { properties?: Record<string, object> }> };
}

const infos = [...builtinResources, ...buildCustomResources(functionCrd)];
const documentOf = (group: string, version: string): Document =>
  buildOpenApiV3({ group, version }, infos, kindTypes()) as Document;

const groupVersions = [...new Set(infos.map(({ group, version }) => `${group}/${version}`))];

describe('buildOpenApiV3', () => {
  it('says of every patch that the server checks fields', () => {
    const patches = groupVersions.flatMap((groupVersion) => {
      const [group = '', version = ''] = groupVersion.split('/');
      const paths = Object.values(documentOf(group, version).paths);
      return paths.flatMap(({ patch }) => (patch === undefined ? [] : [patch]));
    });
    expect(patches.length).toBeGreaterThan(30);
    const names = patches.map(({ parameters }) => parameters.map(({ name }) => name));
    expect(names.filter((list) => !list.includes('fieldValidation'))).toEqual([]);
  });

  it('defines everything that it refers to', () => {
    for (const groupVersion of groupVersions) {
      const [group = '', version = ''] = groupVersion.split('/');
      const document = documentOf(group, version);
      const names = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)];
      const missing = names.filter(([, name = '']) => !(name in document.components.schemas));
      expect(missing.map(([all]) => all)).toEqual([]);
    }
  });

  it('tells built-in kinds from custom ones by the patches they take', () => {
    const types = (document: Document, path: string): string[] =>
      Object.keys(document.paths[path]?.['patch']?.requestBody?.content ?? {});
    const strategic = 'application/strategic-merge-patch+json';
    const pods = '/api/v1/namespaces/{namespace}/pods/{name}';
    const functions = '/apis/rouse.dev/v1alpha1/namespaces/{namespace}/functions/{name}';
    expect(types(documentOf('', 'v1'), pods)).toContain(strategic);
    expect(types(documentOf('rouse.dev', 'v1alpha1'), functions)).not.toContain(strategic);
  });

  it('carries merge keys, by which kubectl makes its patches', () => {
    const { schemas } = documentOf('apps', 'v1').components;
    expect(schemas['io.k8s.api.parts.PodSpec']?.properties?.['containers']).toMatchObject({
      'x-kubernetes-patch-merge-key': 'name',
      'x-kubernetes-patch-strategy': 'merge',
    });
    expect(schemas['io.k8s.api.parts.PodSpec']?.properties?.['volumes']).toMatchObject({
      'x-kubernetes-patch-strategy': 'merge,retainKeys',
    });
  });

  it('shows the schema of a definition', () => {
    const { schemas } = documentOf('rouse.dev', 'v1alpha1').components;
    expect(schemas['dev.rouse.v1alpha1.Function']).toMatchObject({
      'x-kubernetes-group-version-kind': [
        { group: 'rouse.dev', version: 'v1alpha1', kind: 'Function' },
      ],
      properties: { spec: { properties: { timeoutSeconds: { default: 60 } } } },
    });
  });
});
