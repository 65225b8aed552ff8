// What a user types: kubectl's verbs and what they print, with kubectls of several ages.

import { waitFor } from '../../../support/wait-for.ts';
import { conformanceCase } from '../conformance-case.ts';
import type { CaseApi, ConformanceArea, ConformanceCase, Reply } from '../conformance-case.ts';
import { buildDefinition, pauseImage } from './build-objects.ts';
import { asking } from './kubectl-asking.ts';
import { runAll } from './run-all.ts';

const discoveryDeadlineMs = 30_000;

const configMap = (name: string, value: string, more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, labels: {app: x}${more}}\ndata: {key: ${value}}\n`;

const deployment = (image = pauseImage, replicas = 1): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{name: main, image: "${image}"}]
`;

const service = `
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
`;

async function createSome(api: CaseApi): Promise<void> {
  for (const [name, app] of [
    ['one', 'a'],
    ['two', 'b'],
    ['three', 'a'],
  ]) {
    const body = {
      metadata: { name, labels: { app, test: 'yes' } },
      data: { size: String(name?.length) },
    };
    await api.quietly('POST', `${api.core}/configmaps`, { body });
  }
}

/** Waits for what kubectl learns kinds from, which follows a definition after a while. */
const discovery = (api: CaseApi, isDone: (text: string) => boolean): Promise<true> => {
  const list = 'g=apidiscovery.k8s.io;as=APIGroupDiscoveryList';
  const headers = {
    Accept: `application/json;${list};v=v2,application/json;${list};v=v2beta1,application/json`,
  };
  return waitFor(
    async () => isDone(JSON.stringify((await api.quietly('GET', '/apis', { headers })).body)),
    { what: 'discovery to follow the definition', deadlineMs: discoveryDeadlineMs },
  );
};

interface Status {
  status?: {
    availableReplicas?: number;
    observedGeneration?: number;
    updatedReplicas?: number;
    replicas?: number;
  };
}
const isRolledOut = (generation: number) => (reply: Reply) => {
  const { status } = reply.body as Status;
  return (
    status?.availableReplicas === 1 &&
    status.observedGeneration === generation &&
    status.updatedReplicas === 1 &&
    status.replicas === 1
  );
};

const reading: readonly ConformanceCase[] = [
  conformanceCase('get in every output', async (api) => {
    await createSome(api);
    await runAll(api, [
      'get configmap one',
      'get cm -l test',
      'get cm -l test --no-headers',
      'get cm -l test -o name',
      'get cm -l test -o wide --show-labels',
      'get cm one -o json',
      'get cm one -o yaml',
      "get cm one -o jsonpath='{.data.size}'",
      "get cm -l test -o jsonpath='{range .items[*]}{.metadata.name}:{.data.size}{end}'",
      "get cm one -o go-template='{{.data.size}}'",
      'get cm -l test -o custom-columns=NAME:.metadata.name,SIZE:.data.size',
      'get cm -l test -L app',
      'get cm,secret -l test',
      'get cm -l test --sort-by=.data.size -o name',
      'get cm -l test --sort-by=.metadata.name -o name',
      'get cm -l test --chunk-size=1 -o name',
      'get cm --field-selector metadata.name=two -o name',
      'get cm --field-selector nothing=two',
      "get cm -l 'app in (a,c),test' -o name",
      "get cm -l 'app notin (a),test' -o name",
      "get cm -l 'app!=a,test=yes' -o name",
      "get cm -l '!app,test' -o name",
      'get cm absent',
      'get cm one absent -o name',
      'get nonsense',
      'get cm one --ignore-not-found -o name',
      'get cm absent --ignore-not-found',
      'get pods',
      'get all',
      'get cm/one secret/absent',
      'get deployments.apps',
      'get deploy.v1.apps',
      'get cm one -o nonsense',
    ]);
  }),
  conformanceCase('describe', async (api) => {
    await createSome(api);
    await api.quietly('POST', `${api.core}/services`, {
      body: {
        metadata: { name: 'one' },
        spec: { clusterIP: 'None', selector: { a: 'b' }, ports: [{ port: 80 }] },
      },
    });
    await api.quietly('POST', `${api.core}/secrets`, {
      body: { metadata: { name: 'one' }, stringData: { a: 'b' } },
    });
    await runAll(api, [
      'describe cm one',
      'describe cm -l app=a',
      'describe secret one',
      'describe svc one',
      `describe ns ${api.ns}`,
      'describe cm absent',
      'describe sa default',
    ]);
  }),
  conformanceCase('what the server has', async (api) => {
    await runAll(api, [
      'auth can-i create pods',
      "auth can-i '*' '*'",
      'auth can-i list nodes -A',
      'get --raw /healthz',
      'get --raw /api/v1/namespaces/nothing-here',
      'get --raw /nonsense',
      'explain configmap.data',
      'explain deployment.spec.replicas',
      'explain pod.spec.containers.image',
      'explain nonsense',
      'explain deployment.spec.nonsense',
      'api-resources --api-group=apps -o name',
      'api-resources --api-group=apps',
      'api-resources --api-group=rbac.authorization.k8s.io --no-headers',
      'top pods',
    ]);
  }),
  conformanceCase('explain and get of a custom resource', async (api) => {
    const schema = {
      description: 'A gizmo to try.',
      properties: {
        spec: {
          type: 'object',
          description: 'What it is.',
          required: ['size'],
          properties: {
            size: { type: 'integer', description: 'How large.' },
            tags: { type: 'array', items: { type: 'string' } },
          },
        },
      },
    };
    const group = `${api.ns}.example.com`;
    const body = buildDefinition(
      api.ns,
      schema,
      { additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }] },
      // kubectl finds short names in any group: other files' cases must not hold this one.
      { plural: 'gizmos', kind: 'Gizmo' },
    );
    const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    await api.quietly('POST', definitions, { body });
    try {
      await api.until(
        `/apis/${group}/v1/namespaces/${api.ns}/gizmos`,
        (reply) => reply.status === 200,
      );
      await discovery(api, (text) => text.includes(group));
      await api.until(`/openapi/v3/apis/${group}/v1`, (reply) =>
        JSON.stringify(reply.body).includes('How large'),
      );
      const gizmo = `apiVersion: ${group}/v1\nkind: Gizmo\nmetadata: {name: one}\nspec: {size: 3, tags: [a]}\n`;
      await api.kubectl('apply -f -', gizmo);
      await api.kubectl('apply -f -', gizmo.replace('size: 3', 'size: 4'));
      await api.kubectl('apply -f -', gizmo.replace('size: 3', 'size: big'));
      await api.kubectl('apply -f -', gizmo.replace('size: 3', 'sise: 3'));
      await runAll(api, [
        `explain gizmos.${group}.spec`,
        `explain gizmos.${group}.spec.size`,
        'get gizmos',
        'get gizmo one -o yaml',
        `get gizmos.${group}`,
        'describe gizmo one',
        'patch gizmo one --type=merge -p \'{"spec":{"size":9}}\'',
        'patch gizmo one -p \'{"spec":{"size":9}}\'',
        'delete gizmo one',
        'get gizmos',
      ]);
    } finally {
      await api.quietly('DELETE', `${definitions}/gizmos.${group}`);
      // Another kubectl's turn of this case must not find what this one left.
      await discovery(api, (text) => !text.includes(group));
    }
  }),
];

const writing: readonly ConformanceCase[] = [
  conformanceCase('apply, diff, replace and delete', async (api) => {
    await api.kubectl('apply -f -', configMap('one', 'a'));
    await api.kubectl('apply -f -', configMap('one', 'a'));
    await api.kubectl('apply -f -', configMap('one', 'b'));
    await api.kubectl('apply --dry-run=server -f -', configMap('one', 'c'));
    await api.kubectl('apply --dry-run=client -f -', configMap('one', 'c'));
    await api.kubectl('apply --dry-run=server -o yaml -f -', configMap('new', 'c'));
    await api.kubectl('apply view-last-applied cm one');
    await api.kubectl('apply -f -', `${configMap('one', 'b')}extra: 1\n`);
    await api.kubectl('apply --validate=false -f -', `${configMap('one', 'b')}extra: 1\n`);
    await api.kubectl('apply --validate=warn -f -', `${configMap('one', 'b')}extra: 1\n`);
    await api.kubectl('apply -f -', 'kind: ConfigMap\n');
    await api.kubectl('apply -f -', 'apiVersion: v9\nkind: ConfigMap\nmetadata: {name: a}\n');
    await api.kubectl('apply -f -', '{bad yaml');
    await api.kubectl('apply -f -', configMap('Bad', 'a'));
    await api.kubectl(
      'apply --prune -l app=x --prune-allowlist=core/v1/ConfigMap -f -',
      configMap('two', 'a'),
    );
    await api.kubectl('get cm -l app=x -o name');
    await api.kubectl('replace -f -', configMap('two', 'z'));
    await api.kubectl('replace -f -', configMap('absent', 'z'));
    await api.kubectl('replace --force -f -', configMap('two', 'y'));
    await api.kubectl('delete -f -', configMap('two', 'y'));
    await api.kubectl('delete -f -', configMap('two', 'y'));
    await api.kubectl('delete --ignore-not-found -f -', configMap('two', 'y'));
    await api.kubectl('delete cm -l app=x');
    await api.kubectl('delete cm absent');
    await api.kubectl('delete cm --all --dry-run=server -l app=x');
    await api.kubectl('delete nonsense one');
  }),
  conformanceCase('create', async (api) => {
    await runAll(api, [
      'create configmap one --from-literal=a=b',
      'create configmap one --from-literal=a=b',
      'create secret generic one --from-literal=a=b',
      'create deployment one --image=x --replicas=0',
      'create service clusterip one --tcp=80',
      'create service nodeport two --tcp=80 --dry-run=server',
      'create serviceaccount one',
      'create role one --verb=get --resource=pods',
      'create rolebinding one --role=one --serviceaccount=default:default',
      'create quota one --hard=pods=5',
      'create ingress one --rule=a.example.com/=web:80',
      'create poddisruptionbudget one --selector=a=b --min-available=1',
      'create job one --image=x --dry-run=server -o name',
      "create cronjob one --image=x --schedule='* * * * *' --dry-run=server -o name",
      'create token default --duration=1s',
      'create nonsense one',
      'run one --image=x --dry-run=server',
      'expose deployment one --port=80 --name=exposed --dry-run=server',
      'autoscale deployment one --max=3 --dry-run=server',
    ]);
    await api.kubectl('create -f -', configMap('two', 'a'));
    await api.kubectl('create -f -', configMap('two', 'a'));
  }),
  conformanceCase('label, annotate, patch, set and edit', async (api) => {
    await createSome(api);
    await api.quietly('POST', `${api.apps}/deployments`, {
      body: {
        metadata: { name: 'web' },
        spec: {
          replicas: 0,
          selector: { matchLabels: { a: 'b' } },
          template: {
            metadata: { labels: { a: 'b' } },
            spec: { containers: [{ name: 'main', image: 'x' }] },
          },
        },
      },
    });
    await runAll(api, [
      'label cm one color=red',
      'label cm one color=blue',
      'label cm one color=blue --overwrite',
      'label cm one color-',
      'label cm one color-',
      "label cm one 'bad key=x'",
      'label cm -l app=a group=one',
      'label cm absent a=b',
      'annotate cm one note=hello',
      'annotate cm one note=bye',
      'annotate cm one note-',
      'patch cm one -p \'{"data":{"new":"1"}}\'',
      'patch cm one --type=merge -p \'{"data":{"new":null}}\'',
      'patch cm one --type=merge -p \'{"data":{"new":null}}\'',
      'patch cm one --type=json -p \'[{"op":"add","path":"/data/x","value":"y"}]\'',
      'patch cm one --type=json -p \'[{"op":"test","path":"/data/x","value":"z"}]\'',
      'patch cm one --type=merge -p \'{"data":{"x":5}}\'',
      "patch cm one -p 'nonsense'",
      "patch cm absent -p '{}'",
      'patch deploy web --subresource=scale --type=merge -p \'{"spec":{"replicas":0}}\'',
      'get deploy web --subresource=scale -o name',
      'set image deploy/web main=y',
      'set image deploy/web other=y',
      'set env deploy/web A=1',
      'set env deploy/web --list',
      'set resources deploy/web --limits=cpu=1',
      'edit cm one',
      'scale deploy web --replicas=0',
      'scale deploy web --replicas=-1',
      'scale deploy web --current-replicas=5 --replicas=0',
      'scale cm one --replicas=1',
      'scale deploy absent --replicas=1',
      'rollout pause deploy web',
      'rollout pause deploy web',
      'rollout restart deploy web',
      'rollout resume deploy web',
      'rollout resume deploy web',
      'rollout restart cm one',
      'rollout history deploy absent',
    ]);
  }),
  conformanceCase('delete with each cascade, and wait', async (api) => {
    await createSome(api);
    await runAll(api, [
      'delete cm one --cascade=foreground --wait=false',
      'wait cm/one --for=delete --timeout=20s',
      'delete cm two --cascade=orphan',
      'wait cm/two --for=delete --timeout=20s',
      'delete cm three --cascade=background',
      'delete cm three --cascade=nonsense',
      'wait cm/three --for=delete --timeout=1s',
      'wait cm/three --for=jsonpath={.data.a}=x --timeout=1s',
    ]);
    await api.kubectl('create cm four --from-literal=a=x');
    await runAll(api, [
      "wait cm/four --for=jsonpath='{.data.a}'=x --timeout=5s",
      "wait cm/four --for=jsonpath='{.data.a}'=y --timeout=1s",
      'delete cm four --now',
      'delete pod absent --force --grace-period=0',
    ]);
  }),
  conformanceCase(
    'a rollout',
    async (api) => {
      const path = `${api.apps}/deployments/web`;
      await api.kubectl('apply -f -', deployment());
      await api.kubectl('apply -f -', service);
      await api.until(path, isRolledOut(1));
      await runAll(api, [
        'rollout status deploy web',
        'wait deploy web --for=condition=Available --timeout=20s',
        'get deploy web',
        'get deploy web -o wide',
        'rollout history deploy web',
      ]);
      await api.kubectl("annotate deploy web kubernetes.io/change-cause='second try'");
      await api.kubectl('set env deploy/web A=1');
      await api.until(path, isRolledOut(3));
      await runAll(api, [
        'rollout status deploy web',
        'rollout history deploy web',
        'rollout history deploy web --revision=2',
        'rollout history deploy web --revision=9',
        'rollout undo deploy web',
      ]);
      await api.until(path, isRolledOut(4));
      await runAll(api, [
        'rollout status deploy web',
        'rollout history deploy web',
        'rollout undo deploy web --to-revision=9',
        'get rs -l app=web --no-headers -o custom-columns=R:.spec.replicas',
        'scale deploy web --replicas=0',
        'delete deploy web',
        'get svc web',
        'get endpointslices -l kubernetes.io/service-name=web -o custom-columns=T:.addressType',
      ]);
    },
    { isOrdered: false },
  ),
  conformanceCase(
    'pods',
    async (api) => {
      await api.kubectl(`run one --image=${pauseImage} --restart=Never`);
      await api.until(`${api.core}/pods/one`, (reply) =>
        JSON.stringify(reply.body).includes('"ready":true'),
      );
      await runAll(api, [
        'get pod one',
        'wait pod one --for=condition=Ready --timeout=20s',
        'logs one',
        'logs one -c other',
        'logs one --previous',
        'logs absent',
        'get pod one -o name --field-selector status.phase=Running',
        'delete pod one --grace-period=0 --force',
        'get pods',
      ]);
    },
    { isOrdered: false },
  ),
];

/** An area for each age of kubectl: what they print differs between them. */
function buildArea(minor: string): ConformanceArea {
  return { name: `kubectl-${minor}`, kubectl: minor, cases: [...reading, ...writing, ...asking] };
}

export const kubectlAreas: readonly ConformanceArea[] = [
  '1.27',
  '1.28',
  '1.29',
  '1.30',
  '1.31',
  '1.32',
  '1.33',
  '1.36',
].map(buildArea);
