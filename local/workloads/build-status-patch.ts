// A merge patch that turns one status into another, fields that went away included.

type Status = Readonly<Record<string, unknown>>;

/** `undefined` when there is nothing to write. Compares and replaces whole top-level fields. */
export function buildStatusPatch(
  before: object | undefined,
  after: object,
): { status: Record<string, unknown> } | undefined {
  const old = (before ?? {}) as Status;
  const now = after as Status;
  const changed: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(now)) {
    if (value !== undefined && JSON.stringify(value) !== JSON.stringify(old[key])) {
      changed[key] = value;
    }
  }
  for (const key of Object.keys(old)) if (now[key] === undefined) changed[key] = null;
  return Object.keys(changed).length === 0 ? undefined : { status: changed };
}
