import { StartError } from './start-error.ts';

export interface Route<T> {
  /** as registered, without the prefix: `collections/{collectionId}` */
  template: string;
  methods: string[];
  target: T;
}

export interface RouteMatch<T> {
  target: T;
  /** optional parameters that are absent have no key */
  params: Record<string, string>;
}

type Segment =
  | { kind: 'literal'; text: string }
  | { kind: 'parameter'; name: string; optional: boolean }
  | { kind: 'rest'; name: string };

/** Narrow routes are tried before wide ones. */
const RANK = { literal: 0, parameter: 1, rest: 2 } as const;

/**
 * Matches as the Functions host does: literals win over parameters and know no letter case, and a method that a
 * route does not have counts as no route at all (404, never 405).
 * Constraints such as `{id:int}` are read but not enforced.
 * @see https://github.com/Azure/azure-functions-host/issues/10098
 */
export function routeTable<T>(
  prefix: string,
  routes: Route<T>[],
): (method: string, path: string) => RouteMatch<T> | undefined {
  const compiled = routes
    .map(({ template, methods, target }) => ({
      segments: [...splitPath(prefix), ...splitPath(template)].map(readSegment),
      methods: methods.map((method) => method.toUpperCase()),
      target,
    }))
    .sort((a, b) => compareSegments(a.segments, b.segments));
  return (method, path) => {
    const parts = splitPath(path).map(decodePart);
    for (const route of compiled) {
      const params = route.methods.includes(method.toUpperCase()) ? matchSegments(route.segments, parts) : undefined;
      if (params !== undefined) return { target: route.target, params };
    }
    return undefined;
  };
}

const splitPath = (path: string) => path.split('/').filter((part) => part !== '');

function readSegment(text: string): Segment {
  const parameter = /^\{(\*{0,2})([^:=?{}]+)(?::[^{}]*?)?(\?)?\}$/.exec(text);
  if (parameter === null) {
    if (/[{}]/.test(text)) throw new StartError(`The route segment "${text}" is not supported by the embedded host`);
    return { kind: 'literal', text: text.toLowerCase() };
  }
  const [, star, name = '', optional] = parameter;
  return star === '' ? { kind: 'parameter', name, optional: optional === '?' } : { kind: 'rest', name };
}

function compareSegments(a: Segment[], b: Segment[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [left, right] = [a[i], b[i]];
    if (left === undefined || right === undefined) return a.length - b.length;
    if (left.kind !== right.kind) return RANK[left.kind] - RANK[right.kind];
  }
  return 0;
}

function matchSegments(segments: Segment[], parts: string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [i, segment] of segments.entries()) {
    const part = parts[i];
    if (segment.kind === 'rest') return { ...params, [segment.name]: parts.slice(i).join('/') };
    if (segment.kind === 'literal') {
      if (part?.toLowerCase() !== segment.text) return undefined;
    } else if (part !== undefined) {
      params[segment.name] = part;
    } else if (!segment.optional) {
      return undefined;
    }
  }
  return parts.length > segments.length ? undefined : params;
}

/** An encoded slash stays encoded, or a value could not be told from two segments. */
function decodePart(part: string): string {
  try {
    return decodeURIComponent(part.replace(/%2f/gi, '%252F'));
  } catch {
    return part;
  }
}
