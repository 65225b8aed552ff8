// Reads a Function's code from the server, which caches don't hold, and makes the template of a Revision of it.

import type { RouseFunction } from '../../api/function.ts';
import { configMaps } from '../../api/resources.ts';
import type { KubeClient } from '../../platform/kube/client.ts';
import { inlineFileName } from '../caches.ts';
import type { Template } from './build-revision.ts';
import { digestFiles, digestTemplate } from './digest-template.ts';

/** `undefined` when the ConfigMap has gone in the meantime. */
export async function readTemplate(
  client: KubeClient,
  wanted: RouseFunction,
): Promise<Template | undefined> {
  const files = await readFiles(client, wanted);
  if (files === undefined) return undefined;
  const codeDigest = digestFiles(files);
  return { files, codeDigest, templateDigest: digestTemplate(wanted.spec, codeDigest) };
}

async function readFiles(
  client: KubeClient,
  wanted: RouseFunction,
): Promise<Record<string, string> | undefined> {
  const { image, source } = wanted.spec;
  if (image !== undefined) return {};
  if (source?.inline !== undefined) return { [inlineFileName]: source.inline };
  const name = source?.configMap?.name;
  if (name === undefined) return undefined;
  const { namespace } = wanted.metadata;
  const found = await client.getOrUndefined(configMaps, { namespace, name });
  return found?.data;
}
