import type { Binding, RegisteredFunction } from './functions-core.ts';
import { StartError } from './start-error.ts';

export interface Trigger {
  type: 'httpTrigger' | 'queueTrigger' | 'timerTrigger';
  bindingName: string;
  options: Binding;
}

const SUPPORTED = ['httpTrigger', 'queueTrigger', 'timerTrigger'] as const;

/** @throws StartError when the embedded host does not have the function's trigger */
export function triggerOf(fn: RegisteredFunction): Trigger {
  for (const [bindingName, options] of Object.entries(fn.metadata.bindings)) {
    if (!/trigger$/i.test(options.type)) continue;
    const type = SUPPORTED.find((supported) => supported.toLowerCase() === options.type.toLowerCase());
    if (type !== undefined) return { type, bindingName, options };
    throw new StartError(
      `The function "${fn.metadata.name}" has a ${options.type}, which the embedded host does not have`,
    );
  }
  throw new StartError(`The function "${fn.metadata.name}" has no trigger`);
}

export function functionsWith(type: Trigger['type'], functions: Iterable<RegisteredFunction>): RegisteredFunction[] {
  return [...functions].filter((fn) => triggerOf(fn).type === type);
}
