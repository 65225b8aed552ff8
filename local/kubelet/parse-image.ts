// The parts of a container image's name.

export interface ImageName {
  /** Without tag and digest, and without Docker Hub's own prefixes. */
  readonly repository: string;
  readonly tag: string | undefined;
}

export function parseImage(image: string): ImageName {
  const withoutDigest = image.split('@', 1)[0] ?? '';
  const slash = withoutDigest.lastIndexOf('/');
  const colon = withoutDigest.indexOf(':', slash + 1);
  const name = colon === -1 ? withoutDigest : withoutDigest.slice(0, colon);
  return {
    repository: name.replace(/^docker\.io\//, '').replace(/^library\//, ''),
    tag: colon === -1 ? undefined : withoutDigest.slice(colon + 1),
  };
}
