import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const FOLDER = fileURLToPath(new URL('../../../infra/azure/', import.meta.url));
const scripts = readdirSync(FOLDER).filter((name) => name.endsWith('.sh'));
const hasBash = spawnSync('bash', ['--version']).status === 0;

/** The well-known client id of "WindowsDefenderATP". */
const DEFENDER = 'fc780465-2017-40d4-a0c5-307022471b92';

/**
 * Stands in for the Azure CLI before a Graph that knows five roles. What the identity has is in the file GRANTED, one
 * role id a line; what the script asked for goes to the file CALLS.
 */
const FAKE_AZ = `#!/usr/bin/env bash
echo "$*" >> "$CALLS"
roles='Machine.LiveResponse Machine.Read.All Machine.ReadWrite.All Library.Manage Machine.Isolate'
case "$*" in
  'cloud show'*) echo 'https://graph.microsoft.us/' ;;
  *--method\\ post*) sed 's/.*appRoleId":"\\([^"]*\\)".*/\\1/' <<<"$*" >> "$GRANTED" ;;
  *--method\\ delete*)
    id="$(sed 's/.*assignment-of-\\([^ ]*\\).*/\\1/' <<<"$*")"
    { grep -vx "$id" "$GRANTED" || true; } > "$GRANTED.left" && mv "$GRANTED.left" "$GRANTED" ;;
  *'?value=='*) for r in $roles; do [[ "$*" == *"value=='$r'"* ]] && echo "id-of-$r"; done ;;
  *'appRoles[?id=='*) for r in $roles; do [[ "$*" == *"id=='id-of-$r'"* ]] && echo "$r"; done ;;
  *'&& appRoleId=='*) for r in $roles; do [[ "$*" == *"=='id-of-$r'"* ]] && echo "assignment-of-id-of-$r"; done ;;
  *appRoleAssignments*) cat "$GRANTED" ;;
  *"servicePrincipals(appId="*) echo 'defender-service' ;;
esac
exit 0
`;

describe.runIf(hasBash)('the scripts', () => {
  it.each(scripts)('%s is well formed and stops at the first error', (name) => {
    execFileSync('bash', ['-n', join(FOLDER, name)]);
    expect(readFileSync(join(FOLDER, name), 'utf8')).toContain('set -euo pipefail');
  });

  it.each(scripts)('%s names an unknown option and does nothing', (name) => {
    const run = spawnSync('bash', [join(FOLDER, name), '--nonsense'], { encoding: 'utf8' });
    expect([run.status, run.stderr]).toEqual([2, 'Unknown option --nonsense\n']);
  });
});

describe.runIf(hasBash && process.platform !== 'win32')('grant-defender-roles.sh', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-az-'));
    writeFileSync(join(folder, 'az'), FAKE_AZ, { mode: 0o755 });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('grants what is missing, and the second time nothing', () => {
    const first = grant([]);
    expect(first.lines).toEqual([
      'granted  Machine.LiveResponse',
      'granted  Machine.Read.All',
      'granted  Machine.ReadWrite.All',
    ]);
    const again = grant(first.granted);
    expect(again.lines.every((line) => line.startsWith('present'))).toBe(true);
    expect(again.granted).toEqual(first.granted);
  });

  it('asks for the roles of Defender, at the Graph of the cloud', () => {
    const { calls } = grant([]);
    expect(calls).toContain(`https://graph.microsoft.us/v1.0/servicePrincipals(appId='${DEFENDER}')`);
    expect(grant([], '--graph', 'https://dod-graph.microsoft.us').calls).toContain(
      'https://dod-graph.microsoft.us/v1.0/',
    );
  });

  it('shows what the identity has beyond that, and takes it away only when told to', () => {
    const before = ['id-of-Machine.LiveResponse', 'id-of-Library.Manage'];
    const shown = grant(before);
    expect(shown.lines).toContain('excess   Library.Manage  (take it away with --remove-excess)');
    expect(shown.granted).toContain('id-of-Library.Manage');
    const removed = grant(before, '--remove-excess');
    expect(removed.lines).toContain('removed  Library.Manage');
    expect(removed.granted).not.toContain('id-of-Library.Manage');
  });

  function grant(granted: string[], ...options: string[]) {
    const [GRANTED, CALLS] = [join(folder, 'granted'), join(folder, 'calls')];
    writeFileSync(GRANTED, granted.map((id) => `${id}\n`).join(''));
    writeFileSync(CALLS, '');
    const script = join(FOLDER, 'grant-defender-roles.sh');
    const output = execFileSync('bash', [script, '--principal', 'holdfast-identity', ...options], {
      encoding: 'utf8',
      env: { ...process.env, GRANTED, CALLS, PATH: `${folder}${delimiter}${process.env.PATH}` },
    });
    const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');
    return {
      lines: linesOf(output),
      granted: linesOf(readFileSync(GRANTED, 'utf8')),
      calls: readFileSync(CALLS, 'utf8'),
    };
  }
});

describe('app-roles.json', () => {
  it('holds the rights that callers can have, each with an id of its own', () => {
    const roles: { id: string; value: string }[] = JSON.parse(readFileSync(join(FOLDER, 'app-roles.json'), 'utf8'));
    expect(roles.map(({ value }) => value)).toEqual([
      'Collections.Submit',
      'Collections.Read',
      'Collections.Cancel',
      'Collections.ReadWrite.All',
      'Evidence.Read',
      'Operations.Read',
    ]);
    expect(new Set(roles.map(({ id }) => id)).size).toBe(roles.length);
  });
});
