import { z } from 'zod';

/** Who calls, as the token says. */
export interface Caller {
  /** Entra object id, else application id. */
  id: string;
  /** For people to read; never decides anything. */
  name: string;
  /** App roles, as the token carries them. */
  roles: string[];
}

const claim = z
  .string()
  .min(1)
  .optional()
  .catch(() => undefined);

/** @see learn.microsoft.com/entra/identity-platform/access-token-claims-reference */
const Claims = z.object({
  oid: claim,
  azp: claim,
  appid: claim,
  sub: claim,
  tid: claim,
  name: claim,
  preferred_username: claim,
  upn: claim,
  app_displayname: claim,
  roles: z.array(z.unknown()).catch(() => []),
});

export type CallerClaims = z.infer<typeof Claims>;

export const readClaims = (payload: unknown): CallerClaims => Claims.parse(payload);

/** Only app roles count: a delegated scope says what an application may do for a person, not what the person may do. */
export function callerOf(claims: CallerClaims): Caller | undefined {
  const id = claims.oid ?? claims.azp ?? claims.appid ?? claims.sub;
  if (id === undefined) return undefined;
  return {
    id,
    name: claims.preferred_username ?? claims.upn ?? claims.name ?? claims.app_displayname ?? id,
    roles: claims.roles.filter((role) => typeof role === 'string'),
  };
}
