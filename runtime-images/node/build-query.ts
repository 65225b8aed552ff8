// Builds Express' req.query and form bodies from URL-encoded text: repeated names become lists.

const pairsMax = 1000;

/** Later pairs than `pairsMax` are ignored, as body-parser's parameterLimit does. */
export function buildQuery(text: string): Record<string, string | string[]> {
  // No prototype: a caller chooses the names, and __proto__ is one.
  const query = Object.create(null) as Record<string, string | string[]>;
  let count = 0;
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    count += 1;
    if (count > pairsMax) break;
    const equals = pair.indexOf('=');
    const name = decode(equals < 0 ? pair : pair.slice(0, equals));
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1));
    const before = query[name];
    if (before === undefined) query[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else query[name] = [before, value];
  }
  return query;
}

function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
