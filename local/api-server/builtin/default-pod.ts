// What kube-apiserver fills in on pods and pod templates.

type JsonObject = Record<string, unknown>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const objects = (value: unknown): JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

/** Sets each key that is absent. */
export function fill(object: JsonObject, defaults: JsonObject): void {
  for (const [key, value] of Object.entries(defaults)) object[key] ??= structuredClone(value);
}

const octal644 = 0o644;

/** Of a pod and of a template alike. Changes `spec` in place. */
export function defaultPodSpec(spec: JsonObject): void {
  fill(spec, {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  });
  // Two names of one field; Kubernetes keeps both filled.
  const account = spec['serviceAccountName'] ?? spec['serviceAccount'];
  if (account !== undefined && account !== '') {
    spec['serviceAccountName'] = account;
    spec['serviceAccount'] = account;
  }
  const isHostNetwork = spec['hostNetwork'] === true;
  for (const container of allContainers(spec)) defaultContainer(container, isHostNetwork);
  for (const volume of objects(spec['volumes'])) defaultVolume(volume);
}

/** Only of pods, not of templates. */
export function defaultPod(spec: JsonObject): void {
  fill(spec, { enableServiceLinks: true });
  // Lifted one by one, the last gate leaves an empty list, which a real cluster doesn't keep.
  const gates = spec['schedulingGates'];
  if (Array.isArray(gates) && gates.length === 0) delete spec['schedulingGates'];
  for (const container of allContainers(spec)) {
    const resources = container['resources'];
    if (!isObject(resources) || !isObject(resources['limits'])) continue;
    // A limit without a request is a request, too.
    resources['requests'] = { ...resources['limits'], ...(resources['requests'] as object) };
  }
}

function allContainers(spec: JsonObject): JsonObject[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((key) =>
    objects(spec[key]),
  );
}

function defaultContainer(container: JsonObject, isHostNetwork: boolean): void {
  fill(container, {
    imagePullPolicy: pullPolicy(container['image']),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    resources: {},
  });
  for (const port of objects(container['ports'])) {
    fill(port, { protocol: 'TCP' });
    if (isHostNetwork) fill(port, { hostPort: port['containerPort'] });
  }
  for (const variable of objects(container['env'])) defaultSource(variable['valueFrom']);
  for (const key of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (isObject(container[key])) defaultProbe(container[key]);
  }
  const lifecycle = isObject(container['lifecycle']) ? container['lifecycle'] : {};
  for (const hook of [lifecycle['postStart'], lifecycle['preStop']]) {
    if (isObject(hook) && isObject(hook['httpGet'])) defaultHttpGet(hook['httpGet']);
  }
}

/** Of a variable, or of an item of a downward API volume. */
function defaultSource(source: unknown): void {
  if (!isObject(source)) return;
  if (isObject(source['fieldRef'])) fill(source['fieldRef'], { apiVersion: 'v1' });
  if (isObject(source['resourceFieldRef'])) fill(source['resourceFieldRef'], { divisor: '0' });
}

/** `latest`, said or meant, is always pulled. */
function pullPolicy(image: unknown): string {
  const [name = '', digest] = (typeof image === 'string' ? image : '').split('@');
  if (digest !== undefined) return 'IfNotPresent';
  const tag = /:([^/:]+)$/.exec(name)?.[1];
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function defaultProbe(probe: JsonObject): void {
  fill(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
  if (isObject(probe['httpGet'])) defaultHttpGet(probe['httpGet']);
  if (isObject(probe['grpc'])) fill(probe['grpc'], { service: '' });
}

function defaultHttpGet(httpGet: JsonObject): void {
  fill(httpGet, { path: '/', scheme: 'HTTP' });
}

function defaultVolume(volume: JsonObject): void {
  const sources = Object.keys(volume).filter((key) => key !== 'name');
  if (sources.length === 0) volume['emptyDir'] = {};
  for (const key of ['secret', 'configMap', 'downwardAPI', 'projected']) {
    if (isObject(volume[key])) fill(volume[key], { defaultMode: octal644 });
  }
  if (isObject(volume['hostPath'])) fill(volume['hostPath'], { type: '' });
  defaultItems(volume['downwardAPI']);
  const projected = volume['projected'];
  if (!isObject(projected)) return;
  for (const source of objects(projected['sources'])) {
    const token = source['serviceAccountToken'];
    if (isObject(token)) fill(token, { expirationSeconds: 3600 });
    defaultItems(source['downwardAPI']);
  }
}

function defaultItems(downward: unknown): void {
  if (!isObject(downward)) return;
  for (const item of objects(downward['items'])) defaultSource(item);
}
