import { randomBytes } from 'node:crypto';

/** The tokens that the tenant accepts: one fixed, and those that its own token endpoint has issued. */
export class Tokens {
  readonly #fixed: string;
  readonly #endsAt = new Map<string, number>();

  constructor(fixed: string) {
    this.#fixed = fixed;
  }

  /** @returns a token good until `endsAt`, epoch ms */
  issue(endsAt: number): string {
    const token = randomBytes(24).toString('base64url');
    this.#endsAt.set(token, endsAt);
    return token;
  }

  /** @param authorization the header, as it came */
  accepts(authorization: string | undefined, now: number): boolean {
    const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) return false;
    return token === this.#fixed || now < (this.#endsAt.get(token) ?? Number.NEGATIVE_INFINITY);
  }

  /** Ends every issued token; the fixed one stays good. */
  expireAll(): void {
    this.#endsAt.clear();
  }
}
