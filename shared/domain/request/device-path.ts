/** Longest path that is passed on. Linux allows 4096 bytes; Windows more, which nothing legitimate comes near. */
export const LONGEST_PATH = 4096;

const DRIVE = /^[A-Za-z]:[\\/]/;
const UNC = /^\\\\[^\\/]+\\[^\\/]+\\./;
const WINDOWS_VERBATIM = /^\\\\[?.]\\/;
const CONTROL = /[\p{Cc}\p{Cs}]/u;

/**
 * Whether GetFile can be asked for this path: one file, named absolutely, on Windows (`C:\…`, `\\server\share\…`,
 * `\\?\C:\…`), Linux or macOS (`/…`).
 * @returns the sentence that says what to change, or undefined
 * Steps `.` and `..` are refused so that what a policy or a reader sees is what is collected.
 */
export function devicePathFault(path: string): string | undefined {
  if (CONTROL.test(path)) return 'Take NUL and other control characters out of the path.';
  if (path.length > LONGEST_PATH) return `Give a path of at most ${LONGEST_PATH} characters; this has ${path.length}.`;
  const windows = DRIVE.test(path) || UNC.test(path) || WINDOWS_VERBATIM.test(path);
  if (!windows && !path.startsWith('/'))
    return 'Give an absolute path: C:\\folder\\file, \\\\server\\share\\file, or /folder/file. Variables and ~ are not replaced.';
  if (windows && /[<>"|?*]/.test(path.replace(WINDOWS_VERBATIM, '')))
    return 'Name one file: GetFile knows no wildcards, and < > " | ? * cannot be part of a Windows name.';
  const steps = path.split(windows ? /[\\/]/ : '/');
  if (steps.includes('..') || steps.includes('.')) return 'Write the path out, without "." and ".." steps.';
  if (steps.at(-1) === '') return 'Name a file: this path ends as a folder does, and GetFile collects one file.';
  return undefined;
}
