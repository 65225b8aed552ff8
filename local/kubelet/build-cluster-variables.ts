// The environment by which a container finds the API server and the Services of its namespace, under Kubernetes' names.

/** One port of a Service, where it is reached on this machine. */
export interface ServiceAddress {
  readonly service: string;
  /** Empty when the port has no name. */
  readonly portName: string;
  /** The port that the Service's own address would have. */
  readonly number: number;
  readonly host: string;
  readonly port: number;
}

export interface ClusterAddresses {
  /** For example https://127.0.0.1:6444; undefined where nothing is served over the network. */
  readonly apiUrl: string | undefined;
  /** In the order of the Service's ports: the first one is the Service's own port. */
  readonly services: readonly ServiceAddress[];
}

export function buildClusterVariables(addresses: ClusterAddresses): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const { service, portName, host, port } of addresses.services) {
    const name = nameOf(service);
    variables[`${name}_SERVICE_HOST`] ??= host;
    variables[`${name}_SERVICE_PORT`] ??= String(port);
    if (portName !== '') variables[`${name}_SERVICE_PORT_${nameOf(portName)}`] = String(port);
  }
  if (addresses.apiUrl === undefined) return variables;
  const { hostname, port } = new URL(addresses.apiUrl);
  return {
    ...variables,
    KUBERNETES_SERVICE_HOST: hostname.replace(/^\[|\]$/g, ''),
    KUBERNETES_SERVICE_PORT: port,
    KUBERNETES_SERVICE_PORT_HTTPS: port,
  };
}

const nameOf = (text: string): string => text.toUpperCase().replaceAll('-', '_');
