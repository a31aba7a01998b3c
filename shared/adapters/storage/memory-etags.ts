/** Gives every write of one in-memory state an etag of its own. */
export type NextEtag = () => string;

export function createEtags(): NextEtag {
  let writes = 0;
  return () => `"${++writes}"`;
}
