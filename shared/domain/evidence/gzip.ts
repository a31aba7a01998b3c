/**
 * Whether a result begins like a gzip stream (RFC 1952): `1f 8b`, deflate, no reserved flag. GetFile results arrive so;
 * nothing in their name or content type says it.
 * @param head the first bytes; fewer than four never are
 */
export function looksLikeGzip(head: Uint8Array): boolean {
  const [id1, id2, method, flags] = head;
  return id1 === 0x1f && id2 === 0x8b && method === 8 && flags !== undefined && (flags & 0b1110_0000) === 0;
}

/** Bytes that `looksLikeGzip` needs. */
export const GZIP_HEAD_BYTES = 4;

/**
 * How much of a gzip result's content is looked at. Live Response carries files of at most 3 GB, so what unpacks to
 * more is not one of them but a bomb, and what takes minutes is one that is aimed at our time.
 */
export const CONTENT_LIMITS = { bytes: 3.25 * 1024 ** 3, inflateMs: 5 * 60_000 } as const;

/** Why a result that is kept as it came has no content size and hash. */
export type ContentNote = 'contentDamaged' | 'contentTooLarge' | 'contentTooSlow';
