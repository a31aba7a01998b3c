import { type Expression, parseTemplate } from './expression.ts';

/** How one action of a run ended, as the function `actions()` shows it. */
export interface ActionResult {
  status: 'Succeeded' | 'Failed' | 'TimedOut' | 'Skipped';
  code?: string;
  outputs?: unknown;
  error?: unknown;
}

/** What expressions can see while a run is going on. */
export interface RunScope {
  triggerBody: unknown;
  parameters: Record<string, unknown>;
  runName: string;
  actions: Map<string, ActionResult>;
  item?: unknown;
}

/**
 * Evaluates every text in a part of a definition. As strict as Logic Apps is: `?` forgives null, not a text or a
 * missing `?`; functions refuse arguments of the wrong kind.
 */
export function evaluate(part: unknown, scope: RunScope): unknown {
  if (typeof part === 'string') return evaluateText(part, scope);
  if (Array.isArray(part)) return part.map((each) => evaluate(each, scope));
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, evaluate(value, scope)]));
}

function evaluateText(text: string, scope: RunScope): unknown {
  const template = parseTemplate(text);
  if ('whole' in template) return value(template.whole, scope);
  return template.parts.map((part) => (typeof part === 'string' ? part : asText(value(part, scope)))).join('');
}

function value(expression: Expression, scope: RunScope): unknown {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'access':
      return access(value(expression.of, scope), value(expression.key, scope), expression.safe);
    case 'call': {
      const call = FUNCTIONS[expression.name];
      if (!call) throw new Error(`InvalidTemplate: no function ${expression.name}`);
      return call(
        scope,
        expression.args.map((arg) => () => value(arg, scope)),
      );
    }
  }
}

function access(of: unknown, key: unknown, safe: boolean): unknown {
  if ((of === null || of === undefined) && safe) return null;
  if (typeof of !== 'object' || of === null) throw new Error(`InvalidTemplate: ${key} of ${JSON.stringify(of)}`);
  const found = (of as Record<string, unknown>)[text(key)];
  if (found === undefined && !safe) throw new Error(`InvalidTemplate: no property ${key}`);
  return found ?? null;
}

type Arg = () => unknown;

/** Those that the playbooks use; arguments are evaluated when asked for, which only `if` makes use of. */
const FUNCTIONS: Record<string, (scope: RunScope, args: Arg[]) => unknown> = {
  triggerBody: (scope) => scope.triggerBody,
  parameters: (scope, [name]) => access(scope.parameters, name?.(), false),
  actions: (scope, [name]) => ended(scope, name),
  outputs: (scope, [name]) => ended(scope, name).outputs ?? null,
  body: (scope, [name]) => access(ended(scope, name).outputs, 'body', true),
  workflow: (scope) => ({ run: { name: scope.runName } }),
  item: (scope) => scope.item,
  listCallbackUrl: () => 'https://prod-00.westeurope.logic.azure.com/callback',
  utcNow: () => '2026-11-24T10:00:00.0000000Z',
  addHours: (_, [at, hours]) => new Date(Date.parse(text(at?.())) + Number(hours?.()) * 3_600_000).toISOString(),
  coalesce: (_, args) => args.map((arg) => arg()).find((each) => each !== null && each !== undefined) ?? null,
  json: (_, [source]) => JSON.parse(text(source?.())),
  string: (_, [any]) => asText(any?.()),
  encodeUriComponent: (_, [any]) => encodeURIComponent(text(any?.())),
  if: (_, [condition, yes, no]) => (condition?.() === true ? yes?.() : no?.()),
  not: (_, [condition]) => condition?.() !== true,
  equals: (_, [one, other]) => one?.() === other?.(),
  greater: (_, [one, other]) => Number(one?.()) > Number(other?.()),
  length: (_, [of]) => sequence(of?.()).length,
  take: (_, [of, count]) => sequence(of?.()).slice(0, Number(count?.())),
  join: (_, [of, between]) => list(of?.()).join(text(between?.())),
  concat: (_, args) => args.map((arg) => text(arg())).join(''),
  replace: (_, [of, old, by]) => text(of?.()).replaceAll(text(old?.()), text(by?.())),
};

export const KNOWN_FUNCTIONS = Object.keys(FUNCTIONS);

function ended(scope: RunScope, name: Arg | undefined): ActionResult {
  const action = scope.actions.get(text(name?.()));
  if (!action) throw new Error(`InvalidTemplate: no action ${name?.()} has ended`);
  return action;
}

function text(any: unknown): string {
  if (typeof any !== 'string') throw new Error(`InvalidTemplate: ${JSON.stringify(any)} is no text`);
  return any;
}

function list(any: unknown): unknown[] {
  if (!Array.isArray(any)) throw new Error(`InvalidTemplate: ${JSON.stringify(any)} is no array`);
  return any;
}

function sequence(any: unknown): string | unknown[] {
  return typeof any === 'string' ? any : list(any);
}

function asText(any: unknown): string {
  if (any === null || any === undefined) return '';
  return typeof any === 'string' ? any : JSON.stringify(any);
}
