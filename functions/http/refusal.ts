import type { ApiError } from '../../shared/contracts/errors.ts';

/** An answer other than the one hoped for, from wherever in a handler it becomes clear. */
export class Refusal extends Error {
  readonly error: ApiError;
  readonly headers: Record<string, string>;

  constructor(error: ApiError, headers: Record<string, string> = {}) {
    super(error.message);
    this.name = 'Refusal';
    this.error = error;
    this.headers = headers;
  }
}
