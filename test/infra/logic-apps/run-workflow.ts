import { type ActionResult, evaluate, type RunScope } from './evaluate.ts';
import type { Action, Workflow } from './workflow.ts';

/** What a run sees of the world: the answer to every HTTP and connector call, by the action's name. */
export type Answers = (name: string, inputs: Record<string, unknown>) => ActionResult;

export interface Run {
  /** Terminate decides; without it a run succeeds if its last actions did. */
  status: 'Succeeded' | 'Failed';
  /** inputs of every HTTP and connector call, in order */
  calls: { name: string; inputs: Record<string, unknown> }[];
}

/** Runs a workflow as Logic Apps does, with the few types of action that our playbooks use. Retries and waits apart. */
export function runWorkflow(workflow: Workflow, scope: Omit<RunScope, 'actions'>, answers: Answers): Run {
  const run: Run = { status: 'Succeeded', calls: [] };
  const seen: RunScope = { ...scope, actions: new Map() };
  let terminated = false;

  const runGroup = (group: Record<string, Action>): ActionResult['status'] => {
    const waiting = new Map(Object.entries(group));
    while (waiting.size > 0 && !terminated) {
      const next = [...waiting].find(([, action]) => Object.keys(action.runAfter).every((name) => !waiting.has(name)));
      if (!next) throw new Error(`these wait for each other: ${[...waiting.keys()]}`);
      const [name, action] = next;
      waiting.delete(name);
      seen.actions.set(name, mayRun(action) ? runAction(name, action) : { status: 'Skipped' });
    }
    const followed = new Set(Object.values(group).flatMap((action) => Object.keys(action.runAfter)));
    const last = Object.keys(group).filter((name) => !followed.has(name));
    return last.some((name) => seen.actions.get(name)?.status === 'Failed') ? 'Failed' : 'Succeeded';
  };

  const mayRun = (action: Action) =>
    Object.entries(action.runAfter).every(([name, allowed]) =>
      allowed.includes(seen.actions.get(name)?.status ?? 'Skipped'),
    );

  const runAction = (name: string, action: Action): ActionResult => {
    if (action.type === 'If') {
      const branch = holds(action.expression, seen) ? action.actions : action.else?.actions;
      return { status: runGroup(branch ?? {}) };
    }
    if (action.type === 'Query' || action.type === 'Select') return succeeded(eachOf(action, seen));
    const inputs = evaluate(action.inputs, seen);
    if (action.type === 'Compose') return { status: 'Succeeded', outputs: inputs };
    if (typeof inputs !== 'object' || inputs === null) throw new Error(`${name} has no inputs`);
    if (action.type === 'Terminate') {
      terminated = true;
      run.status = 'runStatus' in inputs && inputs.runStatus === 'Failed' ? 'Failed' : 'Succeeded';
      return { status: 'Succeeded' };
    }
    run.calls.push({ name, inputs: { ...inputs } });
    return answers(name, { ...inputs });
  };

  const ended = runGroup(workflow.actions);
  return terminated ? run : { ...run, status: ended === 'Failed' ? 'Failed' : 'Succeeded' };
}

export const succeeded = (body: unknown): ActionResult => ({ status: 'Succeeded', outputs: { body } });

function eachOf(action: Action, scope: RunScope): unknown[] {
  const { from, where, select } = fieldsOf(action.inputs);
  const items: unknown = evaluate(from, scope);
  if (!Array.isArray(items)) throw new Error(`InvalidTemplate: ${JSON.stringify(items)} is no array`);
  if (select !== undefined) return items.map((item) => evaluate(select, { ...scope, item }));
  return items.filter((item) => evaluate(where, { ...scope, item }) === true);
}

/** The conditions that the designer writes, `{"and":[{"greater":[a,b]}]}`, as far as our playbooks use them. */
function holds(expression: unknown, scope: RunScope): boolean {
  const [[operator, operands] = ['', []]] = Object.entries(fieldsOf(expression));
  if (!Array.isArray(operands)) throw new Error(`no condition: ${JSON.stringify(expression)}`);
  if (operator === 'and') return operands.every((each) => holds(each, scope));
  if (operator === 'greater') {
    const [one, other] = operands.map((each) => Number(evaluate(each, scope)));
    return one !== undefined && other !== undefined && one > other;
  }
  throw new Error(`no condition: ${operator}`);
}

function fieldsOf(part: unknown): Record<string, unknown> {
  if (typeof part !== 'object' || part === null) throw new Error(`no object: ${JSON.stringify(part)}`);
  return { ...part };
}
