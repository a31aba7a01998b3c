import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../../../../infra/local/simulated-tenant/main.ts', import.meta.url));

let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));

function start(env: Record<string, string>): { child: ChildProcess; said: () => string } {
  child = spawn(process.execPath, [MAIN], { env: { PATH: process.env.PATH ?? '', ...env } });
  let text = '';
  child.stdout?.on('data', (data) => {
    text += data;
  });
  child.stderr?.on('data', (data) => {
    text += data;
  });
  return { child, said: () => text };
}

describe('the simulator as a process', () => {
  it.each([
    [{ PORT: 'seven' }, /^PORT: /],
    [{ PORT: '70000' }, /^PORT: /],
    [{ SIMULATOR_RESULT_STORAGE: 'nonsense' }, /^SIMULATOR_RESULT_STORAGE: /],
    [{ SIMULATOR_SCENARIO: '/does/not/exist.json' }, /^SIMULATOR_SCENARIO: /],
  ])('ends at once with %j and names the setting', async (env, message) => {
    const started = start(env);
    const [code] = await once(started.child, 'close');
    expect(code).toBe(1);
    expect(started.said()).toMatch(message);
  });

  it('names the port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const started = start({ PORT: String(port) });
    const [code] = await once(started.child, 'close');
    other.close();
    expect([code, started.said()]).toEqual([1, `PORT: ${port} cannot be used (EADDRINUSE)\n`]);
  });

  it('prints one line when ready, answers, and ends cleanly when told to', async () => {
    const started = start({ PORT: '0', SIMULATOR_TOKEN: 'mine' });
    if (started.child.stdout === null) throw new Error('no output');
    await once(started.child.stdout, 'data');
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(started.said())?.[0] ?? '';
    const response = await fetch(`${url}/api/machines`, { headers: { Authorization: 'Bearer mine' } });
    expect(response.status).toBe(200);
    started.child.kill('SIGTERM');
    const [code] = await once(started.child, 'close');
    expect(code).toBe(0);
    expect(started.said().trim().split('\n')).toHaveLength(1);
  });
});
