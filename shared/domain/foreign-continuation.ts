/** A continuation that no page of these rows gave: the caller's fault, never a place to start reading. */
export class ForeignContinuation extends Error {
  constructor() {
    super('this continuation is not from a page of the same rows');
    this.name = 'ForeignContinuation';
  }
}
