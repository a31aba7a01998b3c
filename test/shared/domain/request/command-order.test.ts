import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../../../shared/domain/request/collection-request.ts';
import { orderCommands, orderFaults } from '../../../../shared/domain/request/command-order.ts';

const put = (fileName: string): Command => ({ type: 'PutFile', fileName });
const run = (scriptName: string, args?: string): Command => ({
  type: 'RunScript',
  scriptName,
  ...(args ? { args } : {}),
});
const get = (path: string): Command => ({ type: 'GetFile', path });

function ordered(...commands: Command[]): Command[] {
  const result = orderCommands(commands);
  if (!result.ok) throw new Error(result.faults.map((fault) => fault.message).join());
  return result.commands.map(({ index: _, ...command }) => command);
}

function faultTargets(...commands: Command[]): string[] {
  const result = orderCommands(commands);
  return result.ok ? [] : result.faults.map((fault) => fault.target);
}

describe('the order of commands', () => {
  it('counts from 0 in the order submitted', () => {
    const result = orderCommands([run('a.ps1'), put('tool.exe')]);
    expect(result).toEqual({
      ok: true,
      commands: [
        { type: 'PutFile', fileName: 'tool.exe', index: 0 },
        { type: 'RunScript', scriptName: 'a.ps1', index: 1 },
      ],
    });
  });

  it('moves a PutFile ahead of commands that do not name its file', () => {
    expect(ordered(run('a.ps1', '-Deep'), get('/tmp/out'), put('tool.exe'))).toEqual([
      put('tool.exe'),
      run('a.ps1', '-Deep'),
      get('/tmp/out'),
    ]);
  });

  it('refuses a PutFile after a command that names its file, in any letter case', () => {
    expect(faultTargets(run('a.ps1', '-Tool C:\\Temp\\TOOL.exe'), put('tool.exe'))).toEqual(['commands[1]']);
    expect(faultTargets(run('tool.ps1'), put('tool.ps1'))).toEqual(['commands[1]']);
    expect(faultTargets(get('C:\\Temp\\tool.exe'), put('tool.exe'))).toEqual(['commands[1]']);
  });

  it('takes a longer name for another file', () => {
    expect(faultTargets(run('a.ps1', 'mytool.exe tool.exe.bak tool.exe2'), put('tool.exe'))).toEqual([]);
    expect(faultTargets(run('a.ps1', 'run tool.exe.'), put('tool.exe'))).toEqual(['commands[1]']);
  });

  it('refuses a GetFile before a RunScript, each of them', () => {
    expect(faultTargets(get('/a'), get('/b'), run('a.ps1'), get('/c'))).toEqual(['commands[0]', 'commands[1]']);
  });

  it('says which command is in the way, and what to do about it', () => {
    const messages = (...commands: Command[]) =>
      orderFaults(commands).map(({ code, message }) => `${code}: ${message}`);
    expect(messages(get('/a'), get('/b'), run('a.ps1'), run('b.ps1'))[0]).toMatch(
      /^WrongOrder: .*RunScript commands\[2\].*Put it after the script/,
    );
    expect(messages(get('/a'), run('x.ps1', 'tool.exe'), run('tool.exe'), put('tool.exe'))[1]).toMatch(
      /^WrongOrder: commands\[1\] names tool.exe .*Put the PutFile ahead/,
    );
  });

  it('takes what is in order already, and the same file put twice', () => {
    const commands = [put('tool.exe'), put('tool.exe'), run('a.ps1', 'tool.exe'), run('b.ps1'), get('C:\\tool.exe')];
    expect(ordered(...commands)).toEqual(commands);
  });

  it('takes a script without arguments for one that names nothing but itself', () => {
    expect(faultTargets(run('a.ps1'), put('undefined'), put('b.ps1'))).toEqual([]);
  });

  it('passes over a command that could not be read, and counts it all the same', () => {
    expect(orderFaults([undefined, get('/a'), undefined, run('a.ps1'), undefined, put('a.ps1')])).toMatchObject([
      { target: 'commands[1]' },
      { target: 'commands[5]' },
    ]);
    expect(orderFaults([undefined, put('a.ps1'), undefined, get('/a')])).toEqual([]);
  });

  const command = fc.oneof(
    fc.constantFrom('p1', 'p2').map(put),
    fc.tuple(fc.constantFrom('s1', 'p1'), fc.constantFrom('p2', 'x', undefined)).map(([name, args]) => run(name, args)),
    fc.constantFrom('/p1', '/x').map(get),
  );

  it('keeps every command, groups them as Defender wants, and within a type keeps their order', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 20 }), (commands) => {
        const result = orderCommands(commands);
        if (!result.ok) return;
        const types = result.commands.map(({ type }) => type);
        const rank = { PutFile: 0, RunScript: 1, GetFile: 2 };
        expect(types).toEqual([...types].sort((a, b) => rank[a] - rank[b]));
        for (const type of ['PutFile', 'RunScript', 'GetFile'])
          expect(result.commands.filter((c) => c.type === type).map(({ index: _, ...c }) => c)).toEqual(
            commands.filter((c) => c.type === type),
          );
      }),
    );
  });

  it('changes nothing that is in order, and ordering again changes nothing', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 20 }), (commands) => {
        const once = orderCommands(commands);
        if (once.ok) expect(orderCommands(once.commands)).toEqual(once);
      }),
    );
  });
});
