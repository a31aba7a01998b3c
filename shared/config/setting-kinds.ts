import { z } from 'zod';
import { isLoopback } from '../domain/evidence/copy-route.ts';
import { scheduleFault } from './ncrontab.ts';

/**
 * The kinds of value that settings have. Every message says what to write instead and holds nothing of the value.
 */

export function wholeNumber(least: 0 | 1): z.ZodType<number> {
  const message = `write a whole number, at least ${least}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine((value) => value >= least, message);
}

/** An address without trailing slash, query, fragment or user: `https`, or `http` to this machine. */
export const serviceUrl: z.ZodType<string> = z.string().transform((text, context) => {
  const url = URL.parse(text);
  const refuse = (message: string): never => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  if (url === null) return refuse('write a complete address that begins with https://');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    return refuse('use https; http is only for a loopback address');
  }
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '') {
    return refuse('write the address without query, fragment or user name');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
});

/** Like `serviceUrl` but kept letter by letter, because tokens carry an issuer letter by letter. */
export const issuer: z.ZodType<string> = z
  .string()
  .refine(
    (text) => serviceUrl.safeParse(text).success,
    'write the issuer as the tokens carry it, beginning with https://',
  );

/** Comma-separated hosts: `.suffix` stands for every host under it, a name without leading dot for that host too. */
export const hostList: z.ZodType<string[]> = z.string().transform((text, context) => {
  const hosts = text
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== '');
  const refuse = (message: string): never => {
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  };
  if (hosts.length === 0) return refuse('name at least one host');
  if (!hosts.every((host) => HOST.test(host))) {
    return refuse('write hosts or suffixes, separated by commas, without scheme, port, path or *');
  }
  // A whole top-level domain would let everybody in.
  if (hosts.some((host) => /^\.[^.]+$/.test(host))) {
    return refuse('a suffix needs at least two labels, for example .logic.azure.com');
  }
  return hosts;
});

const HOST = /^(\[::1\]|\.?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*)$/;

/** @see learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata */
export const containerName: z.ZodType<string> = z
  .string()
  .regex(
    /^(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*$/,
    'a container name has 3 to 63 lower-case letters, digits and single hyphens, and begins and ends with a letter or digit',
  );

export const accountName: z.ZodType<string> = z
  .string()
  .regex(/^[a-z0-9]{3,24}$/, 'a storage account name has 3 to 24 lower-case letters and digits');

export const schedule: z.ZodType<string> = z.string().superRefine((text, context) => {
  const fault = scheduleFault(text);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
});

export const tokenScope: z.ZodType<string> = z
  .string()
  .regex(/^[^\s,]+\/\.default$/, 'write one scope that ends with /.default');

/** Nothing that could end a header line. */
export const headerSafe: z.ZodType<string> = z
  .string()
  .regex(/^[\x21-\x7e]+$/, 'write it in one line, without spaces or special characters');

/** A tenant or client id: letters, digits and hyphens. A domain name is refused, because tokens name the tenant by id. */
export const directoryId: z.ZodType<string> = z
  .string()
  .regex(/^[A-Za-z0-9-]+$/, 'write the id (a GUID), not a name')
  .refine((id) => !['common', 'organizations', 'consumers'].includes(id.toLowerCase()), 'name one tenant by its id');

/** A storage connection string with what a client needs. Services on plain http must be on this machine. */
export const connectionString: z.ZodType<string> = z.string().superRefine((text, context) => {
  const parts = new Map(
    text.split(';').flatMap((part): [string, string][] => {
      const at = part.indexOf('=');
      return at > 0 ? [[part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()]] : [];
    }),
  );
  if (parts.get('usedevelopmentstorage')?.toLowerCase() === 'true') return;
  const refuse = (message: string): void => context.addIssue({ code: 'custom', message });
  const hasAccount = parts.has('accountname') && parts.has('accountkey');
  if (!hasAccount && !parts.has('sharedaccesssignature')) {
    refuse('write a whole connection string, with AccountName and AccountKey, or use the identity settings');
    return;
  }
  const endpoints = ['blobendpoint', 'queueendpoint', 'tableendpoint'].flatMap((name) => parts.get(name) ?? []);
  if (endpoints.some((endpoint) => !serviceUrl.safeParse(endpoint).success)) {
    refuse('an endpoint in the connection string must be an https address; http is only for a loopback address');
    return;
  }
  if (parts.get('defaultendpointsprotocol')?.toLowerCase() === 'http' && endpoints.length === 0) {
    refuse('use DefaultEndpointsProtocol=https');
  }
});
