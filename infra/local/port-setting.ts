import { StartError } from './functions-host/start-error.ts';

/** Where Core Tools listens, too. */
export const DEFAULT_PORT = 7071;

/** @throws StartError naming PORT */
export function readPort(text: string | undefined): number {
  if (text === undefined || text === '') return DEFAULT_PORT;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new StartError(`PORT is "${text}"; give a whole number from 0 to 65535 (0: any free port)`);
}
