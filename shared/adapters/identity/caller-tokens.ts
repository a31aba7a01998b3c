import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { hours, seconds } from '../../domain/time.ts';
import type { Clock } from '../../ports.ts';
import { type Caller, callerOf, readClaims } from './caller-claims.ts';

export type { Caller } from './caller-claims.ts';

/**
 * - `noToken`, `badToken`, `expired`: 401
 * - `keysUnavailable`: the signing keys cannot be had, so nobody can be judged: 503
 */
export type CallerRefusal = 'noToken' | 'badToken' | 'expired' | 'keysUnavailable';

export type CallerVerdict =
  | { ok: true; caller: Caller }
  /** `detail` is for the log; it holds nothing of the token. */
  | { ok: false; reason: CallerRefusal; detail: string };

/** Never throws. */
export type CallerCheck = (authorizationHeader: string | null | undefined) => Promise<CallerVerdict>;

export interface CallerCheckOptions {
  tenantId: string;
  /** Client id or `api://` name; of a client id both forms are accepted. */
  audience: string;
  /** Any of these. */
  issuers: readonly string[];
  jwksUrl: string;
  clock: Clock;
  /** Shortest time between two fetches of the keys in ms; an unknown key is looked for no more often. */
  keysCooldownMs?: number;
  keysTimeoutMs?: number;
}

/** Entra signs with RS256; the others cost nothing. Never a symmetric one: the public key would be its secret. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256'];
/** Clocks of the caller, of Entra and ours may differ by this much. */
const TOLERANCE_SECONDS = 60;
/** Callers with a new key wait no longer than this; forged tokens make us ask no more often. */
const KEYS_COOLDOWN_MS = seconds(10);
/** Keys are fetched again after this time, and at once for a key that is not known. */
const KEYS_MAX_AGE_MS = hours(1);

/** Checks bearer tokens of one Entra tenant: signature, issuer, audience, times and tenant. */
export function createCallerCheck(options: CallerCheckOptions): CallerCheck {
  const keys = createRemoteJWKSet(new URL(options.jwksUrl), {
    cacheMaxAge: KEYS_MAX_AGE_MS,
    cooldownDuration: options.keysCooldownMs ?? KEYS_COOLDOWN_MS,
    timeoutDuration: options.keysTimeoutMs ?? 5_000,
  });
  return async (authorizationHeader) => {
    const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(authorizationHeader?.trim() ?? '')?.[1];
    if (token === undefined) {
      return authorizationHeader
        ? refused('badToken', 'the Authorization header is no bearer token')
        : refused('noToken', 'no Authorization header');
    }
    try {
      const payload = await verified(token, keys, options);
      return judged(payload, options);
    } catch (error) {
      return refusalOf(error);
    }
  };
}

async function verified(token: string, keys: JWTVerifyGetKey, options: CallerCheckOptions): Promise<JWTPayload> {
  const { payload } = await jwtVerify(token, keys, {
    algorithms: ALGORITHMS,
    issuer: [...options.issuers],
    audience: audiencesOf(options.audience),
    clockTolerance: TOLERANCE_SECONDS,
    currentDate: new Date(options.clock.now()),
    requiredClaims: ['exp', 'iss', 'aud'],
  });
  return payload;
}

/** A v1 token names the audience as `api://<client id>`, a v2 token as the client id. */
function audiencesOf(audience: string): string[] {
  const clientId = /^(?:api:\/\/)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.exec(audience)?.[1];
  return clientId === undefined ? [audience] : [clientId, `api://${clientId}`];
}

function judged(payload: JWTPayload, { tenantId }: CallerCheckOptions): CallerVerdict {
  const claims = readClaims(payload);
  // without `tid` the issuer stands for the tenant: it was compared letter by letter
  const tid = claims.tid ?? tenantId;
  if (tid.toLowerCase() !== tenantId.toLowerCase()) return refused('badToken', 'token of another tenant');
  const caller = callerOf(claims);
  return caller === undefined ? refused('badToken', 'token without a subject') : { ok: true, caller };
}

function refusalOf(error: unknown): CallerVerdict {
  if (error instanceof errors.JWTExpired) return refused('expired', 'token has expired');
  if (isAboutTheToken(error)) return refused('badToken', error.code);
  // a time-out, a refused connection, an answer without keys
  const detail = error instanceof errors.JOSEError ? error.code : 'keys could not be fetched';
  return refused('keysUnavailable', detail);
}

const isAboutTheToken = (error: unknown): error is errors.JOSEError =>
  error instanceof errors.JWTClaimValidationFailed ||
  error instanceof errors.JWTInvalid ||
  error instanceof errors.JWSInvalid ||
  error instanceof errors.JWSSignatureVerificationFailed ||
  error instanceof errors.JOSEAlgNotAllowed ||
  error instanceof errors.JOSENotSupported ||
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys;

const refused = (reason: CallerRefusal, detail: string): CallerVerdict => ({ ok: false, reason, detail });
