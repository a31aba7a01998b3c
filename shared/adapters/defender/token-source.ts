import type { TokenCredential } from '@azure/identity';
import { minutes } from '../../domain/time.ts';
import type { Clock } from '../../ports.ts';

/** Bearer tokens for Defender. */
export interface TokenSource {
  /** @throws when none can be had */
  token(): Promise<string>;
  /**
   * A token other than the one that Defender refused, if there is one: the identity library keeps a managed identity's
   * token until shortly before its end and cannot be told to drop it.
   * @throws when none can be had
   */
  refresh(rejected: string): Promise<string>;
}

/** A token is not used in its last five minutes, so that none ends on the way. */
const MARGIN_MS = minutes(5);

/** For the simulated tenant, which is on this machine. */
export function fixedToken(token: string): TokenSource {
  return { token: async () => token, refresh: async () => token };
}

/** Tokens of an identity, kept until five minutes before their end; callers at the same time share one request. */
export function createTokenSource(options: { credential: TokenCredential; scope: string; clock: Clock }): TokenSource {
  const { credential, scope, clock } = options;
  let kept: { token: string; expiresAt: number } | undefined;
  let asked: Promise<string> | undefined;

  const ask = async (): Promise<string> => {
    const answer = await credential.getToken(scope);
    if (answer === null) throw new Error('the identity gave no token');
    kept = { token: answer.token, expiresAt: answer.expiresOnTimestamp };
    return answer.token;
  };
  const askOnce = (): Promise<string> => {
    asked ??= ask().finally(() => {
      asked = undefined;
    });
    return asked;
  };
  const usable = (): string | undefined =>
    kept !== undefined && kept.expiresAt - MARGIN_MS > clock.now() ? kept.token : undefined;

  return {
    token: async () => usable() ?? (await askOnce()),
    refresh: async (rejected) => {
      if (kept?.token === rejected) kept = undefined;
      return usable() ?? (await askOnce());
    },
  };
}
