import type { Checkpoint } from '../../shared/use-cases/checkpoints.ts';

/** What a call to a port is counted under: the name of the port and of its method, as `work.load`. */
export type PortCall = `${string}.${string}`;

/**
 * One process of Holdfast, from its start to its crash. A crash ends everything at once, as `kill -9` does: whoever is
 * in the middle of something waits for an answer of a port that never comes, and is forgotten.
 */
export interface Life {
  /** The same port, for as long as this process lives; calls are told to `onCall`. */
  port<T extends object>(name: string, port: T): T;
  /** Runs `work` to its end, or to the crash of the process. Errors of the work are thrown. */
  live(work: () => Promise<void>): Promise<'done' | Checkpoint>;
  /** Where this process crashed, if it has. */
  crashedAt(): Checkpoint | undefined;
  /** Ends this process; the call that led here never returns. */
  crash(point: Checkpoint): never;
}

export function createLife(onCall: (call: PortCall) => void): Life {
  let crashedAt: Checkpoint | undefined;
  let announce: (point: Checkpoint) => void = () => undefined;
  const crashed = new Promise<Checkpoint>((resolve) => {
    announce = resolve;
  });

  const mortal =
    (call: PortCall, method: (...args: unknown[]) => unknown) =>
    (...args: unknown[]): unknown => {
      if (crashedAt !== undefined) return new Promise(() => undefined);
      onCall(call);
      return method(...args);
    };

  return {
    port: <T extends object>(name: string, port: T): T => {
      const methods = Object.entries(port).map(([key, member]) => [
        key,
        typeof member === 'function' ? mortal(`${name}.${key}`, member.bind(port)) : member,
      ]);
      // The methods are those of T, one by one.
      return Object.fromEntries(methods) as T;
    },

    live: async (work) => {
      const ended = work().then(
        () => 'done' as const,
        (error: unknown) => {
          // What falls out of a process that has crashed is the crash itself.
          if (crashedAt !== undefined) return crashedAt;
          throw error;
        },
      );
      return Promise.race([crashed, ended]);
    },

    crashedAt: () => crashedAt,

    crash: (point) => {
      crashedAt = point;
      announce(point);
      throw new Error(`crashed at ${point}`);
    },
  };
}
