/**
 * The canonical spelling of a JSON value (RFC 8785): the same text for the same value, however its fields were
 * ordered and its numbers written. Two requests with one `requestId` are the same when these texts are.
 * Undefined fields are left out. Never throws for what JSON can say, nested no deeper than a request may be.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      // RFC 8785 sorts by UTF-16 code units, as a plain comparison of strings does.
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`);
    return `{${fields.join(',')}}`;
  }
  // ECMAScript's own spelling of numbers and strings is the RFC's; a JSON too large for a double arrives as Infinity.
  return JSON.stringify(value) ?? 'null';
}

/**
 * What a request says, as one text to compare: validated fields, before defaults, without the `requestId` itself,
 * so that it makes no difference whether that came in the body or a header. Contains the callback address: hash it.
 */
export function requestIdentity(givenFields: Readonly<Record<string, unknown>>): string {
  const { requestId: _, ...rest } = givenFields;
  return canonicalJson(rest);
}
