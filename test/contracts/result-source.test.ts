import { afterAll, beforeAll } from 'vitest';
import { createResultSource } from '../../shared/adapters/results/http-result-source.ts';
import { createMemoryResultSource } from '../../shared/adapters/results/memory-result-source.ts';
import { resultSourceContract } from './result-source.contract.ts';
import { type ResultServer, startResultServer } from './result-source-server.ts';

const rule = { allowedHosts: ['.blob.core.windows.net'], loopbackAllowed: true };
let server: ResultServer;

beforeAll(async () => {
  server = await startResultServer();
});
afterAll(() => server.close());

resultSourceContract('HTTP', (result) => {
  server.show(result);
  return { source: createResultSource(rule), link: server.url };
});

resultSourceContract('memory', (result) => {
  const source = createMemoryResultSource(rule);
  const link = 'http://127.0.0.1/results/one?sig=secret';
  source.put(link, result);
  return { source, link };
});
