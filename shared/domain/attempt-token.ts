import type { ActionSnapshot } from './action.ts';
import type { Attempt } from './attempt.ts';
import type { Command } from './request/collection-request.ts';

const TOKEN = /\bholdfast:([0-9a-f-]{36})\b/i;
/** Defender states no limit for a comment; ours stays short, with the token in front where a cut would not hit it. */
const MOST_COMMENT = 900;

/** What an action's `Comment` says: first whose it is, then why. */
export function commentOf(attemptId: string, why: { caseId?: string; comment?: string }): string {
  const words = [`holdfast:${attemptId}`, why.caseId, why.comment].filter((w) => w !== undefined && w !== '');
  return words.join(' | ').slice(0, MOST_COMMENT);
}

/** The attempt that an action belongs to, by its `requestorComment`. */
export const tokenIn = (comment: string): string | undefined => TOKEN.exec(comment)?.[1]?.toLowerCase();

/** Token, machine and commands must all fit: Defender answers two quick submits with one action. */
export function isActionOf(attempt: Attempt, action: ActionSnapshot): boolean {
  return (
    tokenIn(action.requestorComment) === attempt.attemptId.toLowerCase() &&
    action.machineId.toLowerCase() === attempt.machineId &&
    action.commands.every((c) => c.command === undefined || sameCommand(c.command, attempt.commands[c.index]))
  );
}

function sameCommand(a: Command, b: Command | undefined): boolean {
  switch (a.type) {
    case 'RunScript':
      return b?.type === 'RunScript' && a.scriptName === b.scriptName && a.args === b.args;
    case 'GetFile':
      return b?.type === 'GetFile' && a.path === b.path;
    case 'PutFile':
      return b?.type === 'PutFile' && a.fileName === b.fileName;
  }
}
