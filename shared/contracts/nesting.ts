/** Deepest nesting of a body. Sentinel's entities need about ten levels. Our own margin. */
export const DEEPEST = 64;

/** Whether a JSON value is nested deeper than a body may be. Walks without recursion, so depth cannot hurt it. */
export function tooDeep(value: unknown, deepest: number = DEEPEST): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) return true;
    const next: unknown[] = [];
    for (const item of level)
      if (typeof item === 'object' && item !== null) for (const field of Object.values(item)) next.push(field);
    level = next;
  }
  return false;
}
