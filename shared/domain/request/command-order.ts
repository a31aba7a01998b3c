import type { Command, IndexedCommand } from './collection-request.ts';
import type { Fault } from './fault.ts';

export type Ordered =
  | { readonly ok: true; readonly commands: readonly IndexedCommand[] }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/**
 * The commands in the order in which Defender runs them: PutFile, then RunScript, then GetFile
 * (https://learn.microsoft.com/defender-endpoint/api/run-live-response).
 *
 * A PutFile moves ahead of earlier commands that do not name its file: for them nothing changes. What would mean
 * something else if moved is a fault: a GetFile that stands before a RunScript would fetch what the script left
 * rather than what it found, and a command that names a file put later would find it where it expected none.
 */
export function orderCommands(commands: readonly Command[]): Ordered {
  const faults = orderFaults(commands);
  if (faults.length > 0) return { ok: false, faults };
  const ordered = (['PutFile', 'RunScript', 'GetFile'] as const).flatMap((type) =>
    commands.filter((command) => command.type === type),
  );
  return { ok: true, commands: ordered.map((command, index) => ({ ...command, index })) };
}

/** @param commands undefined where one could not be read, so that the others keep their place */
export function orderFaults(commands: readonly (Command | undefined)[]): readonly Fault[] {
  return commands.flatMap((command, at) => {
    const fault = command && orderFault(command, at, commands);
    return fault ? [fault] : [];
  });
}

function orderFault(command: Command, at: number, all: readonly (Command | undefined)[]): Fault | undefined {
  switch (command.type) {
    case 'RunScript':
      return undefined;
    case 'GetFile': {
      const script = all.findIndex((other, i) => i > at && other?.type === 'RunScript');
      if (script < 0) return undefined;
      return wrongOrder(
        at,
        `This GetFile stands before the RunScript commands[${script}], but Defender runs every RunScript before any GetFile, so it would fetch the file as the script leaves it. Put it after the script if that is what you want, or ask for it in a collection of its own.`,
      );
    }
    case 'PutFile': {
      const user = all.findIndex((other, i) => i < at && other && namesFile(other, command.fileName));
      if (user < 0) return undefined;
      return wrongOrder(
        at,
        `commands[${user}] names ${command.fileName} before this PutFile brings it, but Defender runs every PutFile first. Put the PutFile ahead of it if the file is meant to be there, or use two collections.`,
      );
    }
  }
}

function wrongOrder(at: number, message: string): Fault {
  return { code: 'WrongOrder', target: `commands[${at}]`, message };
}

/** Whether a script or path names this file, as a whole name and without regard to case. PutFiles are in no one's way. */
function namesFile(command: Command, fileName: string): boolean {
  switch (command.type) {
    case 'PutFile':
      return false;
    case 'RunScript':
      return command.scriptName.toLowerCase() === fileName.toLowerCase() || containsName(command.args ?? '', fileName);
    case 'GetFile':
      return containsName(command.path, fileName);
  }
}

/** A dot after the name ends a sentence, unless an extension follows: `a.ps1.` names a.ps1, `a.ps1.bak` does not. */
function containsName(text: string, fileName: string): boolean {
  const name = fileName.replace(/[.*+?^${}()|[\]\\-]/g, '\\$&');
  return new RegExp(`(?<![\\w.-])${name}(?![\\w-]|\\.[\\w-])`, 'i').test(text);
}
