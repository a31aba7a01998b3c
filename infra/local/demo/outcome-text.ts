import type { TaskView } from '../../../shared/contracts/task-view.ts';
import { artifactsOf, deviceName, sizeText } from './device-row.ts';
import type { Paint } from './live-table.ts';

/** What came of each device, and of those that did not give everything: why, and what to do about it. */
export function outcomeText(tasks: readonly TaskView[], columns: number, paint: Paint): string {
  return tasks.map((task) => taskText(task, columns, paint)).join('\n');
}

const INDENT = '      ';

function taskText(task: TaskView, columns: number, paint: Paint): string {
  const artifacts = artifactsOf(task.commands);
  const bytes = artifacts.reduce((sum, a) => sum + a.bytes, 0);
  const stored = artifacts.length === 0 ? 'nothing stored' : `${artifacts.length} stored, ${sizeText(bytes)}`;
  const head = `  ${deviceName(task).padEnd(12)} ${task.state.padEnd(9)} ${stored}`;
  const { failure } = task;
  if (failure === undefined) return head;
  const again = failure.retryable ? 'the same request may succeed later' : 'the same request would fail again';
  return [
    head,
    `${INDENT}${paint('yellow', failure.code)}`,
    ...wrapped(failure.message, columns),
    ...wrapped(`What to do (${failure.whoActs}; ${again}): ${failure.remedy}`, columns),
  ].join('\n');
}

/** Whole words, in lines that fit the terminal and are comfortable to read. */
function wrapped(text: string, columns: number): string[] {
  const most = Math.max(20, Math.min(columns, 110) - INDENT.length - 1);
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => `${INDENT}${line}`);
}
