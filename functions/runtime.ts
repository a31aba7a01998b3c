import { compose, type Holdfast } from '../shared/compose.ts';
import { readConfig } from '../shared/config.ts';

/** Read when the app loads, so that a bad setting stops the start instead of the first request. */
export const config = readConfig(process.env);

let holdfast: Holdfast | undefined;

/** Everything the functions need, built on first use; the storage it needs is made when it is missing. */
export async function runtime(): Promise<Holdfast> {
  holdfast ??= compose(config);
  await holdfast.ensureStorage();
  return holdfast;
}

/** The same for a probe, which must be able to say that the storage cannot be reached. */
export function runtimeAsItIs(): Holdfast {
  holdfast ??= compose(config);
  return holdfast;
}
