import type { CommandType } from '../request/collection-request.ts';
import type { FailureCode } from './failure-codes.ts';

/** Words in a command's error texts, and what they mean. `only`: for these types of command. */
interface Clue {
  readonly words: RegExp;
  readonly code: FailureCode;
  readonly only?: readonly CommandType[];
}

const NOT_FOUND =
  /not (?:be )?found|(?:wasn't|can't be|isn't|couldn't be) found|(?:cannot|can't|couldn't|could not|unable to) (?:find|locate)|(?:does not|doesn't|did not|didn't) exist|no such file|no longer exists|file is missing/;

/**
 * Tried in this order, the most telling first. Defender documents none of these texts and may change them at any time,
 * so they are matched loosely, and what matches nothing stays `CommandFailed` with its text kept.
 */
const CLUES: readonly Clue[] = [
  { words: /(?:found|exist|missing).*\blibrary\b|\blibrary\b.*(?:found|exist|missing)/, code: 'ScriptNotInLibrary' },
  {
    words: /unsigned|not (?:digitally |properly )?signed|isn't (?:digitally )?signed|signature|not trusted/,
    code: 'ScriptNotSigned',
  },
  { words: /remediation level|protection level|automation level/, code: 'RemediationLevelMissing' },
  { words: /live response.*(?:disabled|not enabled|isn't enabled|turned off)/, code: 'LiveResponseDisabled' },
  {
    words:
      /too (?:large|big)|(?:larger|bigger) than|exceed\w*\b.*\b(?:size|gb|mb|bytes)|(?:size|gb|mb)\b.*\bexceed|(?:maximum|max|size) (?:file )?(?:size|limit)/,
    code: 'FileTooLarge',
  },
  {
    words:
      /time[d -]*out|time limit|took too long|exceed\w*\b.*\b(?:time|minutes|duration)|maximum (?:run|execution) ?time/,
    code: 'ActionTimedOut',
  },
  { words: NOT_FOUND, code: 'FileNotFound', only: ['GetFile'] },
  // What is put or run comes from the library, so that is where it is missing.
  { words: NOT_FOUND, code: 'ScriptNotInLibrary', only: ['PutFile', 'RunScript'] },
  {
    words:
      /locked|in use|(?:being |is )?used by another|sharing violation|access(?: to .*)?(?: is| was)? denied|denied access|(?:cannot|can't|couldn't|could not|unable to) (?:be )?(?:access|open|read)|protected|permission/,
    code: 'FileLocked',
    only: ['GetFile'],
  },
  { words: /cancel+ed|aborted by/, code: 'ActionCancelled' },
  {
    words:
      /(?:platform|operating system|os version|command).*(?:not supported|unsupported)|unsupported (?:platform|os|operating)/,
    code: 'PlatformNotSupported',
  },
  {
    words:
      /offline|disconnected|lost connection|connection (?:was )?(?:lost|closed|reset|failed)|session (?:was )?(?:lost|closed|ended)|network error/,
    code: 'DefenderError',
  },
  { words: /invalid (?:argument|parameter|command|path|syntax)|syntax error|malformed/, code: 'InvalidCommand' },
];

/**
 * What a failed command's texts mean.
 * @returns undefined when they say nothing that we know
 */
export function codeOfCommandErrors(errors: readonly string[], type?: CommandType): FailureCode | undefined {
  const said = errors
    .join('\n')
    .toLowerCase()
    .replace(/[\u2018\u2019\u02bc`´]/g, "'");
  // Without a type a text is taken for one about a file on the device: GetFile is what mostly fails.
  const about = type ?? 'GetFile';
  return CLUES.find(({ words, only }) => (only === undefined || only.includes(about)) && words.test(said))?.code;
}
