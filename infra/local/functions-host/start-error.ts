/** The host cannot start, for a reason that its operator can mend; the message is one sentence that says which. */
export class StartError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StartError';
  }
}
