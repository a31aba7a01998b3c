import { z } from 'zod';
import { expressionsOf, parseTemplate } from './expression.ts';

const RunAfter = z.record(z.string(), z.array(z.enum(['Succeeded', 'Failed', 'TimedOut', 'Skipped'])));

/** One action, as far as tests look at it; `If` has actions of its own. */
export interface Action {
  type: string;
  runAfter: Record<string, ('Succeeded' | 'Failed' | 'TimedOut' | 'Skipped')[]>;
  inputs?: unknown;
  limit?: { timeout?: string | undefined } | undefined;
  expression?: unknown;
  actions?: Record<string, Action> | undefined;
  else?: { actions: Record<string, Action> } | undefined;
}

const Action: z.ZodType<Action> = z.lazy(() =>
  z.looseObject({
    type: z.string(),
    runAfter: RunAfter,
    inputs: z.unknown().optional(),
    limit: z.object({ timeout: z.string().optional() }).optional(),
    expression: z.unknown().optional(),
    actions: z.record(z.string(), Action).optional(),
    else: z.object({ actions: z.record(z.string(), Action) }).optional(),
  }),
);

export const Workflow = z.looseObject({
  parameters: z.record(z.string(), z.looseObject({ type: z.string() })),
  triggers: z.record(z.string(), z.looseObject({ type: z.string() })),
  actions: z.record(z.string(), Action),
});
export type Workflow = z.infer<typeof Workflow>;

/** Every group of actions that start together: the workflow's own and each branch of a condition. */
export function groupsOf(actions: Record<string, Action>): Record<string, Action>[] {
  const branches = Object.values(actions).flatMap((action) => [action.actions, action.else?.actions]);
  return [actions, ...branches.filter((branch) => branch !== undefined).flatMap(groupsOf)];
}

/** What expressions anywhere in `part` refer to. */
export interface References {
  functions: Set<string>;
  /** named by `body()`, `outputs()` and `actions()` */
  actions: Set<string>;
  parameters: Set<string>;
}

export function referencesIn(part: unknown): References {
  const found: References = { functions: new Set(), actions: new Set(), parameters: new Set() };
  for (const text of textsIn(part)) {
    for (const expression of expressionsOf(parseTemplate(text))) {
      if (expression.kind !== 'call') continue;
      found.functions.add(expression.name);
      const [name] = expression.args;
      const named = name?.kind === 'literal' ? String(name.value) : undefined;
      if (named && ['body', 'outputs', 'actions'].includes(expression.name)) found.actions.add(named);
      if (named && expression.name === 'parameters') found.parameters.add(named);
    }
  }
  return found;
}

function textsIn(part: unknown): string[] {
  if (typeof part === 'string') return [part];
  if (typeof part !== 'object' || part === null) return [];
  return Object.values(part).flatMap(textsIn);
}
