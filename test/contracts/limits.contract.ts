import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  INDEX_VALUE_CHARACTERS,
  ROW_CHARACTERS,
  TRANSACTION_CHARACTERS,
} from '../../shared/adapters/storage/change-limits.ts';
import { KEY_CHARACTERS } from '../../shared/adapters/storage/row-keys.ts';
import type { Collection } from '../../shared/domain/collection.ts';
import type { CollectionStore, Registers, SortedIndex, Versioned, WorkStore } from '../../shared/ports.ts';
import { aCollection, anAttempt, anEvent, aRequest, aTask } from './state-samples.ts';

interface State {
  collections: CollectionStore;
  work: WorkStore;
  index: SortedIndex;
  registers: Registers;
}

/**
 * What is too large or cannot be a key is refused before it is sent, with the same sentence everywhere, and leaves
 * nothing behind; what just fits is kept.
 * @see https://learn.microsoft.com/azure/storage/tables/scalability-targets
 */
export function limitsContract(name: string, open: () => Promise<State>): void {
  describe(`the limits of ${name}`, () => {
    let state: State;
    beforeAll(async () => {
      state = await open();
    });

    const accepted = async (): Promise<Versioned<Collection>> => {
      const header = aCollection();
      await state.collections.create(header, aRequest(), []);
      return stored(header.collectionId);
    };
    const stored = async (collectionId: string): Promise<Versioned<Collection>> => {
      const header = await state.collections.header(collectionId);
      if (!header) throw new Error('the header is not there');
      return header;
    };

    describe('of one row', () => {
      it('takes a task that just fits and refuses one that is a character longer', async () => {
        const header = await accepted();
        const { collectionId } = header.value;
        const task = (extra: number) =>
          filled((errors) => aTask(collectionId, 't', { commands: [failed(errors)] }), extra);
        const late = { header, tasks: [task(1)], events: [anEvent()] };
        await expect(state.collections.commit(late)).rejects.toThrow(tooLong('row t|t'));
        expect(await stored(collectionId)).toEqual(header);
        expect(await state.collections.commit({ header, tasks: [task(0)] })).not.toBe('conflict');
        expect(await state.collections.tasksById(collectionId, ['t'])).toEqual([task(0)]);
      });

      it('refuses a header, a custody event, an attempt and a register by name', async () => {
        const header = await accepted();
        const comment = 'ü'.repeat(ROW_CHARACTERS / 6);
        const { collectionId } = header.value;
        const changed = { ...header, value: { ...header.value, comment } };
        await expect(state.collections.commit({ header: changed })).rejects.toThrow(/characters in one row h: at most/);
        const events = [anEvent(), anEvent({ data: { comment } })];
        await expect(state.collections.commit({ header, events })).rejects.toThrow(/in one row c\|0000000002: at most/);
        await expect(state.collections.create(aCollection({ comment }), aRequest(), [])).rejects.toThrow(/one row h:/);
        expect(await stored(collectionId)).toEqual(header);

        const tenant = `tenant-${randomUUID()}`;
        const attempt = anAttempt({ attemptId: 'a1', comment });
        await expect(state.work.commit(tenant, { attempts: [{ value: attempt }] })).rejects.toThrow(
          /in one row a\|a1:/,
        );
        expect((await state.work.load(tenant)).attempts).toEqual([]);

        await expect(state.registers.write(tenant, 'calls', comment)).rejects.toThrow(/in one row calls: at most/);
        expect(await state.registers.read(tenant, 'calls')).toBeUndefined();
      });

      it('keeps a register that just fits', async () => {
        const value = 'x'.repeat(ROW_CHARACTERS - 2);
        expect(await state.registers.write(`tenant-${randomUUID()}`, 'calls', value)).toBe('written');
      });

      it('refuses a value of an index that is long, and writes nothing of the others', async () => {
        const partition = randomUUID();
        const fits = { key: 'b', value: { text: 'x'.repeat(INDEX_VALUE_CHARACTERS - 11) } };
        const long = { key: 'c', value: { text: 'x'.repeat(INDEX_VALUE_CHARACTERS - 10) } };
        await expect(state.index.write(partition, { put: [{ key: 'a' }, fits, long] })).rejects.toThrow(
          '30001 characters in one row of an index: at most 30000 fit',
        );
        expect(await state.index.range(partition, { from: '!', to: '~', top: 9 })).toEqual({ value: [] });
        await state.index.write(partition, { put: [fits] });
        expect((await state.index.range(partition, { from: '!', to: '~', top: 9 })).value).toEqual([fits]);
      });
    });

    describe('of one transaction', () => {
      it('takes tasks of 3.6 million characters together, and refuses more', async () => {
        const header = await accepted();
        const { collectionId } = header.value;
        const tasks = (each: number, extra: number) =>
          Array.from({ length: 9 }, (_, n) =>
            filled((errors) => aTask(collectionId, `t${n}`, { commands: [failed(errors)] }), extra, each),
          );
        const share = (TRANSACTION_CHARACTERS - 1_800) / 9;
        const late = state.collections.commit({ header, tasks: tasks(TRANSACTION_CHARACTERS / 9, 0) });
        await expect(late).rejects.toThrow(/characters in one transaction: at most 3600000 fit/);
        expect(await stored(collectionId)).toEqual(header);
        expect(await state.collections.commit({ header, tasks: tasks(share, 0) })).not.toBe('conflict');
      });

      it('refuses attempts that are too much together, and saves none of them', async () => {
        const tenant = `tenant-${randomUUID()}`;
        const attempts = Array.from({ length: 9 }, () => ({ value: anAttempt({ comment: 'x'.repeat(400_000) }) }));
        await expect(state.work.commit(tenant, { attempts })).rejects.toThrow(/characters in one transaction/);
        expect(await state.work.commit(tenant, { attempts: attempts.slice(1) })).toBe('written');
        expect((await state.work.load(tenant)).attempts).toHaveLength(8);
      });
    });

    describe('of keys', () => {
      it.each([
        ['a slash', 'a/b'],
        ['a backslash', 'a\\b'],
        ['a number sign', 'a#b'],
        ['a question mark', 'a?b'],
        ['a percent sign', 'a%b'],
        ['a line end', 'a\nb'],
        ['a control character', 'a\u0085b'],
        ['half a surrogate pair', 'a\ud83d'],
        ['nothing', ''],
      ])('refuses %s', async (_, odd) => {
        const header = await accepted();
        const { collectionId } = header.value;
        await expect(state.collections.create(aCollection({ collectionId: odd }), aRequest(), [])).rejects.toThrow(
          RangeError,
        );
        if (odd !== '') {
          await expect(state.collections.commit({ header, tasks: [aTask(collectionId, odd)] })).rejects.toThrow(
            RangeError,
          );
          await expect(state.collections.commit({ header, removedTaskIds: [odd] })).rejects.toThrow(RangeError);
          await expect(state.collections.tasksById(collectionId, [odd])).rejects.toThrow(RangeError);
        }
        await expect(state.work.commit(odd, { attempts: [{ value: anAttempt() }] })).rejects.toThrow(RangeError);
        await expect(state.registers.write('t1', odd, 1)).rejects.toThrow(RangeError);
        await expect(state.index.write(odd, { put: [{ key: 'a' }] })).rejects.toThrow(RangeError);
        expect(await state.collections.tasksById(odd, ['t1', 't2'])).toEqual([]);
        expect(await stored(collectionId)).toEqual(header);
      });

      it('takes keys of 512 characters of any script, and refuses longer ones', async () => {
        const name = `Größe 日本 'q' ${'x'.repeat(KEY_CHARACTERS)}`.slice(0, KEY_CHARACTERS);
        const tenant = `tenant-${randomUUID()}`;
        expect(await state.registers.write(tenant, name, 1)).toBe('written');
        expect((await state.registers.read(tenant, name))?.value).toBe(1);
        await expect(state.registers.write(tenant, `${name}x`, 1)).rejects.toThrow('has 513 characters, 512 fit');
        const header = await accepted();
        const task = aTask(header.value.collectionId, name.slice(0, KEY_CHARACTERS - 2));
        const next = await state.collections.commit({ header, tasks: [task] });
        if (next === 'conflict') throw new Error('conflict');
        expect(await state.collections.tasksById(header.value.collectionId, [task.taskId])).toEqual([task]);
        const longer = { ...task, taskId: name.slice(1) };
        await expect(state.collections.commit({ header: next, tasks: [longer] })).rejects.toThrow('513 characters');
      });
    });
  });
}

const failed = (errors: string[]) => ({ index: 0, type: 'GetFile' as const, state: 'failed' as const, errors });

/** A value whose JSON has `length + extra` characters. */
function filled<T>(of: (errors: string[]) => T, extra: number, length = ROW_CHARACTERS): T {
  const empty = JSON.stringify(of([''])).length;
  return of(['x'.repeat(length + extra - empty)]);
}

const tooLong = (what: string): string =>
  `${ROW_CHARACTERS + 1} characters in one ${what}: at most ${ROW_CHARACTERS} fit`;
