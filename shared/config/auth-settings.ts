import { z } from 'zod';
import { directoryId, headerSafe, issuer, serviceUrl } from './setting-kinds.ts';
import type { SettingsReader } from './settings-reader.ts';

/** How callers are known: by function keys that the Functions host checks, or by Entra tokens checked in the app. */
export type AuthConfig =
  | { readonly mode: 'key' }
  | {
      readonly mode: 'entra';
      readonly tenantId: string;
      readonly audience: string;
      /** Any of these; the tenant's own two (v2 and v1) unless one is set. */
      readonly issuers: readonly string[];
      readonly jwksUrl: string;
    };

const PUBLIC_CLOUD = 'https://login.microsoftonline.com';
const ENTRA_SETTINGS = ['ENTRA_TENANT_ID', 'ENTRA_AUDIENCE', 'ENTRA_ISSUER', 'ENTRA_JWKS_URL'] as const;

const Mode = z.enum(['key', 'entra'], { error: 'write key or entra' });

/** Half a set of settings stops the start, because guessing the rest would open the door. */
export function readAuth(read: SettingsReader, authorityHost: string | undefined): AuthConfig {
  const mode = read.withDefault('AUTH_MODE', Mode);
  const given = ENTRA_SETTINGS.filter((name) => read.isSet(name));
  if (!read.isSet('AUTH_MODE') && given.length > 0) {
    read.refuse('AUTH_MODE', `${given.join(', ')} set, but not the mode: write entra, or key to leave them unused`);
  }
  if (mode === 'key') return { mode };
  const tenantId = required(read, 'ENTRA_TENANT_ID', directoryId, 'set the id of the tenant that callers come from');
  const audience = required(read, 'ENTRA_AUDIENCE', headerSafe, 'set the client id or api:// name of the application');
  const authority = authorityHost ?? PUBLIC_CLOUD;
  const own = read.optional('ENTRA_ISSUER', issuer);
  const keys = read.optional('ENTRA_JWKS_URL', jwksUrl);
  return {
    mode,
    tenantId,
    audience,
    issuers: own === undefined ? [`${authority}/${tenantId}/v2.0`, `https://sts.windows.net/${tenantId}/`] : [own],
    jwksUrl: keys ?? `${authority}/${tenantId}/discovery/v2.0/keys`,
  };
}

/** Like a service address, but a query is allowed: Entra's keys of one application carry `?appid=`. */
const jwksUrl = z
  .string()
  .refine((text) => serviceUrl.safeParse(text.split('?')[0]).success, 'use https; http is only for a loopback address');

function required(read: SettingsReader, name: string, kind: z.ZodType<string>, message: string): string {
  if (!read.isSet(name)) read.refuse(name, message);
  return read.optional(name, kind) ?? '';
}
