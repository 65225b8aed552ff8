// Who may import whom: the directions of docs/ARCHITECTURE.md, held by `npm run check`.

const pure = '/(plan|decide|derive|pick|build|parse)-[^/]+\\.ts$';

/** Files in `from` import packages, Node's own modules and `to`; nothing else. */
const only = (name, from, to) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: {
    pathNot: to,
    dependencyTypesNot: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'core'],
  },
});

export default {
  forbidden: [
    {
      name: 'no-circular',
      comment:
        'Two files that need each other are one file, or miss a third. A type is gone at run time.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'api-imports-nothing-but-itself',
      severity: 'error',
      from: { path: '^api/' },
      to: { pathNot: '^api/' },
    },
    only('platform-sees-only-api', '^platform/', '^(api|platform)/'),
    only('controller-never-sees-the-others', '^controller/', '^(api|platform|controller)/'),
    only('activator-never-sees-the-others', '^activator/', '^(api|platform|activator)/'),
    // up.ts starts the parts as child processes, so not even it has to import them.
    only('local-never-sees-the-others', '^local/(?!up\\.ts$)', '^(api|platform|local)/'),
    only('cluster-imports-only-itself', '^cluster/', '^cluster/'),
    only('runtime-images-import-nothing-of-ours', '^runtime-images/node/', '^runtime-images/node/'),
    {
      name: 'pure-files-stay-pure',
      comment: 'plan- decide- derive- pick- build- parse-: state in, actions out, no I/O.',
      severity: 'error',
      // test/ and runtime-images/ name their files by the same verbs, but hold no decisions of the platform.
      from: { path: pure, pathNot: `^(test|runtime-images)/` },
      // A type is gone before anything runs, so it may come from a noun's file.
      to: { pathNot: `^api/|${pure}`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-test-in-the-product',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { path: '^test/' },
    },
    {
      name: 'no-dev-dependency-in-the-product',
      severity: 'error',
      from: {
        path: '^(api|platform|controller|activator|runtime-images)/',
        // Makes the image; no part of it.
        pathNot: '^runtime-images/[^/]+/build\\.ts$',
      },
      to: { dependencyTypes: ['npm-dev'] },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    // Without this it finds no parser for TypeScript 7 and silently sees nothing.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node'] },
  },
};
