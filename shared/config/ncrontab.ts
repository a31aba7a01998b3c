/** Values of the six fields of a schedule, in their order. @see the NCrontab library that the Functions host uses */
const FIELDS = [
  { name: 'second', from: 0, to: 59 },
  { name: 'minute', from: 0, to: 59 },
  { name: 'hour', from: 0, to: 23 },
  { name: 'day', from: 1, to: 31 },
  {
    name: 'month',
    from: 1,
    to: 12,
    words: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  { name: 'day of week', from: 0, to: 6, words: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
] as const satisfies readonly Field[];

interface Field {
  name: string;
  from: number;
  to: number;
  /** Names of the values from `from` on. */
  words?: readonly string[];
}

/** @returns what is wrong with a schedule of six fields, nothing when it can be read */
export function scheduleFault(schedule: string): string | undefined {
  const parts = schedule.split(/\s+/);
  if (parts.length !== FIELDS.length) {
    return 'a schedule has six fields: second minute hour day month day-of-week, for example "0 * * * * *"';
  }
  for (const [position, field] of FIELDS.entries()) {
    if (!(parts[position] ?? '').split(',').every((item) => isItem(item, field))) {
      return `the field ${position + 1} (${field.name}) of the schedule takes ${field.from} to ${field.to}, lists, ranges and steps`;
    }
  }
  return undefined;
}

/** `*`, a value or a range, each with an optional step. */
function isItem(item: string, field: Field): boolean {
  const [range = '', step, ...more] = item.split('/');
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return false;
  if (range === '*') return true;
  const [from, to, ...rest] = range.split('-').map((text) => fieldValue(text, field));
  if (rest.length > 0 || from === undefined) return false;
  return !range.includes('-') || (to !== undefined && from <= to);
}

function fieldValue(text: string, field: Field): number | undefined {
  const word = field.words?.indexOf(text.toLowerCase()) ?? -1;
  if (word >= 0) return field.from + word;
  const value = /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value >= field.from && value <= field.to ? value : undefined;
}
