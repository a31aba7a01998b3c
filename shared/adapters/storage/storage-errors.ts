/** What a storage service said: the HTTP status and the service's own code, wherever the SDK put it. */
interface StorageAnswer {
  status?: number;
  code?: string;
}

/** Single table operations carry the code in `details.odataError.code`, transactions, blobs and queues in `code`. */
export function storageAnswer(error: unknown): StorageAnswer {
  if (typeof error !== 'object' || error === null) return {};
  const { statusCode, code, details } = error as { statusCode?: unknown; code?: unknown; details?: unknown };
  const inner = (details ?? {}) as { odataError?: { code?: unknown }; errorCode?: unknown };
  const name = [inner.odataError?.code, inner.errorCode, code].find((one) => typeof one === 'string');
  return {
    ...(typeof statusCode === 'number' ? { status: statusCode } : {}),
    ...(typeof name === 'string' ? { code: name } : {}),
  };
}

/** Someone else wrote the row, or it exists already. */
export function isConflict(error: unknown): boolean {
  const { status, code } = storageAnswer(error);
  return status === 412 || (status === 409 && (code === undefined || ALREADY_THERE.has(code)));
}

const ALREADY_THERE = new Set(['EntityAlreadyExists', 'BlobAlreadyExists', 'UpdateConditionNotSatisfied']);

/** The row or blob is not there; a missing table or container is another matter and stays an error. */
export function isMissing(error: unknown): boolean {
  const { status, code } = storageAnswer(error);
  return status === 404 && code !== 'TableNotFound' && code !== 'ContainerNotFound';
}

/** The table, queue or container itself is not there. */
export function isMissingHolder(error: unknown): boolean {
  const { status, code } = storageAnswer(error);
  return status === 404 && (code === 'TableNotFound' || code === 'ContainerNotFound' || code === 'QueueNotFound');
}
