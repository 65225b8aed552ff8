// The custom resource of the cases: every way in which the schema of a definition may merge.

/** The definition that the cases of custom resources need. */
export const thingDefinition: Record<string, unknown> = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.apply.rouse.test' },
  spec: {
    group: 'apply.rouse.test',
    scope: 'Namespaced',
    names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
    versions: ['v1', 'v2'].map((name) => ({
      name,
      served: true,
      storage: name === 'v1',
      subresources: {
        status: {},
        scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
      },
      schema: {
        openAPIV3Schema: {
          type: 'object',
          properties: {
            spec: {
              type: 'object',
              properties: {
                replicas: { type: 'integer' },
                mode: { type: 'string', default: 'auto' },
                port: { 'x-kubernetes-int-or-string': true },
                tags: {
                  type: 'array',
                  items: { type: 'string' },
                  'x-kubernetes-list-type': 'set',
                },
                args: { type: 'array', items: { type: 'string' } },
                rules: {
                  type: 'array',
                  'x-kubernetes-list-type': 'map',
                  'x-kubernetes-list-map-keys': ['name', 'zone'],
                  items: {
                    type: 'object',
                    required: ['name'],
                    properties: {
                      name: { type: 'string' },
                      zone: { type: 'string', default: 'any' },
                      weight: { type: 'integer' },
                      matches: { type: 'array', items: { type: 'string' } },
                    },
                  },
                },
                labels: { type: 'object', additionalProperties: { type: 'string' } },
                whole: {
                  type: 'object',
                  'x-kubernetes-map-type': 'atomic',
                  additionalProperties: { type: 'string' },
                },
                free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                nested: {
                  type: 'object',
                  properties: { a: { type: 'string' }, b: { type: 'string' } },
                },
                template: {
                  type: 'object',
                  'x-kubernetes-embedded-resource': true,
                  'x-kubernetes-preserve-unknown-fields': true,
                },
              },
            },
            status: {
              type: 'object',
              properties: { replicas: { type: 'integer' }, phase: { type: 'string' } },
            },
          },
        },
      },
    })),
  },
};
