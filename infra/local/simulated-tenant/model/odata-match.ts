import type { Comparison, Filter, FilterValue } from './odata-filter.ts';

/** Gives a row's field as it compares: instants in epoch ms, ids in lower case. */
export type FieldReader = (field: string) => FilterValue | readonly string[] | undefined;

export function matches(filter: Filter, read: FieldReader): boolean {
  switch (filter.is) {
    case 'and':
      return matches(filter.left, read) && matches(filter.right, read);
    case 'or':
      return matches(filter.left, read) || matches(filter.right, read);
    case 'not':
      return !matches(filter.operand, read);
    case 'compare':
      return compares(scalar(read(filter.field)), filter.operator, filter.value);
    case 'in':
      return filter.values.includes(scalar(read(filter.field)));
    case 'text':
      return passes(scalar(read(filter.field)), filter.test, filter.text);
    case 'any': {
      const list = read(filter.field);
      return Array.isArray(list) && list.some((item: string) => matches(filter.where, () => item));
    }
  }
}

function scalar(value: ReturnType<FieldReader>): FilterValue {
  return value === undefined || typeof value === 'object' ? null : value;
}

function compares(left: FilterValue, operator: Comparison, right: FilterValue): boolean {
  if (operator === 'eq') return left === right;
  if (operator === 'ne') return left !== right;
  if (left === null || right === null) return false;
  switch (operator) {
    case 'gt':
      return left > right;
    case 'ge':
      return left >= right;
    case 'lt':
      return left < right;
    case 'le':
      return left <= right;
  }
}

function passes(value: FilterValue, test: 'startswith' | 'endswith' | 'contains', text: string): boolean {
  if (typeof value !== 'string') return false;
  if (test === 'startswith') return value.startsWith(text);
  return test === 'endswith' ? value.endsWith(text) : value.includes(text);
}

/**
 * The values that a field must have for the filter to hold, where the filter says so by `eq` or `in` at its top.
 * Lets a list look at a few rows instead of all. @returns undefined where the field is left open
 */
export function requiredValues(filter: Filter | undefined, field: string): FilterValue[] | undefined {
  if (filter === undefined) return undefined;
  switch (filter.is) {
    case 'and':
      return requiredValues(filter.left, field) ?? requiredValues(filter.right, field);
    case 'or': {
      const left = requiredValues(filter.left, field);
      const right = requiredValues(filter.right, field);
      return left === undefined || right === undefined ? undefined : [...left, ...right];
    }
    case 'compare':
      return filter.field === field && filter.operator === 'eq' ? [filter.value] : undefined;
    case 'in':
      return filter.field === field ? filter.values : undefined;
    default:
      return undefined;
  }
}

/** The earliest instant that the filter allows for a field. @returns epoch ms, or undefined where it is left open */
export function earliest(filter: Filter | undefined, field: string): number | undefined {
  if (filter === undefined) return undefined;
  if (filter.is === 'and') return earliest(filter.left, field) ?? earliest(filter.right, field);
  if (filter.is !== 'compare' || filter.field !== field || typeof filter.value !== 'number') return undefined;
  return filter.operator === 'gt' || filter.operator === 'ge' ? filter.value : undefined;
}
