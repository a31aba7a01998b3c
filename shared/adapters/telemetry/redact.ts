/**
 * The last defence: what looks like a secret is cut out of every text before it is written. Nothing may rely on it;
 * secrets are not put into log fields in the first place.
 */
const SECRETS: readonly { readonly looksLike: RegExp; readonly becomes: string }[] = [
  // signature of a SAS or of a Logic Apps callback, also inside an encoded address
  { looksLike: /((?:\b|%3f|%26)sig(?:nature)?(?:=|%3d))[^&\s"'<>;\\]+/gi, becomes: '$1[redacted]' },
  // function keys, operation tokens and the like in a query
  { looksLike: /([?&](?:code|op|token|access_token|client_secret|key)=)[^&\s"'<>\\]+/gi, becomes: '$1[redacted]' },
  { looksLike: /\b(Bearer|Basic|SharedKey(?:Lite)?)\s+[\w.~+/:=-]{6,}/gi, becomes: '$1 [redacted]' },
  { looksLike: /\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)*/g, becomes: '[redacted token]' },
  {
    looksLike:
      /\b((?:AccountKey|SharedAccessKey|SharedAccessSignature|client_secret|x-functions-key)\s*[=:]\s*)[^;\s"']+/gi,
    becomes: '$1[redacted]',
  },
  // a storage account key on its own: 64 bytes in base64
  { looksLike: /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}==/g, becomes: '[redacted key]' },
];

/** Fields that are secret whatever they look like. */
const SECRET_FIELD =
  /^(authorization|cookie|set-cookie|x-functions-key)$|(password|secret|accesstoken|accountkey|connectionstring|sealedurl|callbackurl|downloadlink)$/i;

/** Deeper than any record of ours; also ends a circular one. */
const DEEPEST = 6;

export function redactText(text: string): string {
  return SECRETS.reduce((left, { looksLike, becomes }) => left.replace(looksLike, becomes), text);
}

/** A copy that can be written as JSON, without anything that looks like a secret. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return '[too deep]';
  if (value instanceof Error) return redactError(value, depth);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof URL) return redactText(value.href);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Map || value instanceof Set) return redact([...value], depth);
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [
      name,
      SECRET_FIELD.test(name) && field !== undefined ? '[redacted]' : redact(field, depth + 1),
    ]),
  );
}

/** What an operator needs of an error; SDK errors carry whole requests in their other fields. */
function redactError(error: Error, depth: number): Record<string, unknown> {
  const code =
    'code' in error && (typeof error.code === 'string' || typeof error.code === 'number') ? error.code : undefined;
  return {
    name: error.name,
    message: redactText(error.message),
    ...(code === undefined ? {} : { code }),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
  };
}
