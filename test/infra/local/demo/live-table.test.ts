import { describe, expect, it } from 'vitest';
import type { DeviceRow } from '../../../../infra/local/demo/device-row.ts';
import { changedLines, footerText, tableText } from '../../../../infra/local/demo/live-table.ts';
import type { TaskState } from '../../../../shared/domain/task.ts';

const plain = (_format: unknown, text: string) => text;
const row = (changes: Partial<DeviceRow> = {}): DeviceRow => ({
  name: 'lt-anna',
  state: 'running',
  progress: 0.5,
  detail: 'RunScript collect-triage.ps1',
  ...changes,
});

describe('live table', () => {
  it('has a line per device with its bar, state and detail', () => {
    expect(tableText([row()], 80, plain)).toBe(
      '  lt-anna      ████████░░░░░░░░ running    RunScript collect-triage.ps1',
    );
  });

  it('tells how many have ended, whichever way', () => {
    const states = ['parked', 'failed', 'archived'] as const;
    const rows = states.map((state) => row({ state }));
    expect(footerText(rows, 12)).toBe('2 of 3 ended, 12 s');
  });

  it('never breaks a line, however narrow the terminal', () => {
    const long = row({ name: 'a-very-long-name-of-a-device', detail: 'x'.repeat(200) });
    for (const columns of [50, 80, 120]) expect(tableText([long], columns, plain).length).toBeLessThan(columns);
  });
});

describe('lines without a terminal', () => {
  it('tell each change of state once', () => {
    const seen = new Map<string, TaskState>();
    expect(changedLines([row()], seen)).toEqual(['lt-anna      running    RunScript collect-triage.ps1']);
    expect(changedLines([row({ detail: 'GetFile C:\\out.zip' })], seen)).toEqual([]);
    expect(changedLines([row({ state: 'archived', detail: '' })], seen)).toEqual(['lt-anna      archived']);
  });
});
