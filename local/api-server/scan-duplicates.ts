// Finds fields that a JSON text says twice: JSON.parse keeps the last one and tells nobody.

interface Scan {
  readonly text: string;
  at: number;
  readonly found: string[];
}

/** Paths as Kubernetes prints them, `spec.containers[0].name`. `text` has to be JSON that JSON.parse takes. */
export function scanDuplicates(text: string): string[] {
  const scan: Scan = { text, at: 0, found: [] };
  visitValue(scan, '');
  return [...new Set(scan.found)];
}

function visitValue(scan: Scan, path: string): void {
  const first = nextToken(scan);
  if (first === '{') visitObject(scan, path);
  else if (first === '[') visitList(scan, path);
  else if (first === '"') readString(scan);
  else while (scan.at < scan.text.length && !',]}'.includes(peek(scan))) scan.at += 1;
}

function visitObject(scan: Scan, path: string): void {
  const keys = new Set<string>();
  scan.at += 1;
  for (let next = nextToken(scan); next !== '}' && next !== ''; next = nextToken(scan)) {
    if (next === ',') {
      scan.at += 1;
      continue;
    }
    const key = readString(scan);
    const field = path === '' ? key : `${path}.${key}`;
    if (keys.has(key)) scan.found.push(field);
    keys.add(key);
    nextToken(scan);
    // The colon.
    scan.at += 1;
    visitValue(scan, field);
  }
  scan.at += 1;
}

function visitList(scan: Scan, path: string): void {
  let index = 0;
  scan.at += 1;
  for (let next = nextToken(scan); next !== ']' && next !== ''; next = nextToken(scan)) {
    if (next === ',') scan.at += 1;
    else {
      visitValue(scan, `${path}[${index}]`);
      index += 1;
    }
  }
  scan.at += 1;
}

function readString(scan: Scan): string {
  const start = scan.at;
  scan.at += 1;
  while (scan.at < scan.text.length && peek(scan) !== '"') scan.at += peek(scan) === '\\' ? 2 : 1;
  scan.at += 1;
  return JSON.parse(scan.text.slice(start, scan.at)) as string;
}

function nextToken(scan: Scan): string {
  while (/\s/.test(peek(scan))) scan.at += 1;
  return peek(scan);
}

function peek({ text, at }: Scan): string {
  return text[at] ?? '';
}
