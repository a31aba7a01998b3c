import type { FailureCode } from './failure-codes.ts';

/** What one of Defender's `errorHResult` numbers means. */
export interface HResultEntry {
  /** As Windows prints it: `0x80190198`. */
  readonly hex: string;
  /** As Defender sends it: a signed 32-bit number. */
  readonly signed: number;
  readonly meaning: string;
  readonly likelyCause: string;
  readonly code: FailureCode;
}

type Row = readonly [unsigned: number, code: FailureCode, meaning: string, likelyCause: string];

/**
 * Facility 0x8019 is HTTP, 0x8007 Windows, 0x800B trust (https://learn.microsoft.com/windows/win32/seccrypto/common-hresult-values).
 * Which of them Defender sends, and when, is documented nowhere: likely causes are deduced.
 */
const ROWS: readonly Row[] = [
  [
    0x80190198,
    'DefenderError',
    'a web request timed out (HTTP 408)',
    'the device was offline, or its network was too slow to answer',
  ],
  [0x80190194, 'DefenderError', 'a web address was not found (HTTP 404)', "the device's link for its upload had ended"],
  [
    0x80190193,
    'DefenderError',
    'a web request was refused (HTTP 403)',
    "a proxy, or a link for the device's upload that had ended",
  ],
  [0x80070002, 'FileNotFound', 'file not found', 'a wrong path, or a file that is gone'],
  [0x80070003, 'FileNotFound', 'path not found', 'a folder that is not there'],
  [0x80070005, 'FileLocked', 'access denied', 'a file that is protected'],
  [0x80070020, 'FileLocked', 'sharing violation', 'a file that another process holds open'],
  [0x800705b4, 'ActionTimedOut', 'the operation timed out', 'a script that ran too long'],
  [0x800b0100, 'ScriptNotSigned', 'no signature', 'an unsigned script that was blocked'],
  [0x80072ee2, 'DefenderError', 'the network timed out', "the device's network or proxy"],
  [0x80072ee7, 'DefenderError', 'a host name was not resolved', "the device's DNS or proxy"],
  [0x80072efd, 'DefenderError', 'no connection', "the device's network, proxy or firewall"],
  [0x80004005, 'CommandFailed', 'unspecified error', 'anything'],
  [0x80070057, 'InvalidCommand', 'invalid argument', 'a path or an argument that the device cannot take'],
];

export const HRESULTS: readonly HResultEntry[] = ROWS.map(([unsigned, code, meaning, likelyCause]) => ({
  hex: hexOf(unsigned),
  signed: unsigned | 0,
  code,
  meaning,
  likelyCause,
}));

export function hresultEntry(signed: number | undefined): HResultEntry | undefined {
  return HRESULTS.find((entry) => entry.signed === signed);
}

/** `-2145844840` as `0x80190198`, which is what people search for. */
export function hexOf(signed: number): string {
  return `0x${(signed >>> 0).toString(16).toUpperCase().padStart(8, '0')}`;
}

/** The first HRESULT in a text such as "Unexpected error. HRResult: -2145844840", signed. Only failures (sign bit set). */
export function hresultIn(text: string): number | undefined {
  const hex = /\b0x([89a-f][0-9a-f]{7})\b/i.exec(text)?.[1];
  if (hex !== undefined) return Number.parseInt(hex, 16) | 0;
  const decimal = Number(/(?<![\d.])-\d{9,10}\b/.exec(text)?.[0] ?? 0);
  return decimal < 0 && decimal >= -0x80000000 ? decimal : undefined;
}
