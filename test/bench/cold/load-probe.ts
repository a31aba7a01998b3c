import { createRequire } from 'node:module';
import process from 'node:process';

/**
 * Loads the app that `HOLDFAST_APP` names, as the host does, and tells its parent how long that took in ms. The library
 * finds no host here and keeps what registers to itself.
 */
const app = process.env.HOLDFAST_APP ?? '';
const load = createRequire(import.meta.url);
const startedAt = performance.now();
load(app);
process.send?.({ ms: performance.now() - startedAt });
process.disconnect?.();
