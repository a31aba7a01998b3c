import { registerHooks } from 'node:module';

const FUNCTIONS = new URL('../../../../functions/', import.meta.url).href;
const RUNTIME = new URL('runtime.ts', FUNCTIONS).href;
const TWINS = new URL('./twin-runtime.ts', import.meta.url).href;

/** From now on, functions that are loaded get twins where they ask for the runtime. */
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    return found.url === RUNTIME ? { ...found, url: TWINS } : found;
  },
});
