import { FAILURE_CODES, failureEntry, type WhoActs } from './failure-codes.ts';
import { HRESULTS } from './hresults.ts';
import { TROUBLES, type Trouble } from './troubles.ts';
import { WAITING_REASONS, waitingEntry } from './waiting-reasons.ts';

/** The page docs/failures.md, written from the catalogue so that it cannot fall behind. A test compares them. */
export function failuresPage(): string {
  return `${[
    '# What can go wrong, and what to do',
    '<!-- Written from shared/domain/failures by failures-page.ts. Change it there, then: npx vitest run -u test/shared/domain/failures -->',
    'A task that did not end as `archived` carries a `failure`: a code to branch on, a sentence, a remedy, whether the same\nrequest may succeed later (`retryable`), and who has to act (`whoActs`). Codes may be added; none changes its meaning.',
    '## Find it by what you see',
    ...Object.values<Trouble>(TROUBLES).map(troubleSection),
    '## Failure codes',
    table(
      ['`failure.code`', 'what happened', 'what to do', 'again?', 'who acts'],
      FAILURE_CODES.map(failureEntry).map((entry) => [
        `\`${entry.code}\``,
        entry.message,
        entry.remedy,
        entry.retryable ? 'may help' : 'no',
        ACTOR_WORDS[entry.whoActs],
      ]),
    ),
    '## What a task waits for',
    'A queued or parked task says why in `waiting.reason`. It needs nobody unless the table says so.',
    table(
      ['`waiting.reason`', 'what it means', 'what ends it'],
      WAITING_REASONS.map(waitingEntry).map((entry) => [`\`${entry.reason}\``, entry.message, entry.wokenBy]),
    ),
    '## Numbers',
    "`errorHResult` is Defender's signed number. Microsoft documents the numbers but not when Defender sends which; causes are\ndeduced.",
    table(
      ['signed', 'hex', 'meaning', 'likely cause', 'becomes'],
      HRESULTS.map((row) => [String(row.signed), `\`${row.hex}\``, row.meaning, row.likelyCause, `\`${row.code}\``]),
    ),
  ].join('\n\n')}\n`;
}

const ACTOR_WORDS = {
  requester: 'whoever asked',
  operator: "Holdfast's operator",
  defenderAdmin: "Defender's administrator",
  nobody: 'nobody',
} as const satisfies Record<WhoActs, string>;

function troubleSection({ symptom, cause, remedy, whoActs, codes, waiting }: Trouble): string {
  const names = [...codes.map((code) => `\`${code}\``), ...waiting.map((reason) => `\`${reason}\` (waiting)`)];
  return [
    `### ${symptom}`,
    `${cause}\n${remedy}\n\nActs: ${ACTOR_WORDS[whoActs]}. Shown as: ${names.join(', ')}.`,
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
