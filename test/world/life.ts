import type { Checkpoint } from '../../shared/use-cases/checkpoints.ts';

/** What a call to a port is counted under: the name of the port and of its method, as `work.load`. */
export type PortCall = `${string}.${string}`;

/** Where a process ended: at a named point, or at a call to a port. */
export type Death = Checkpoint | PortCall;

/**
 * One process of Holdfast, from its start to its crash. A crash ends everything at once, as `kill -9` does: whoever is
 * in the middle of something waits for an answer of a port that never comes, and is forgotten.
 */
export interface Life {
  /** The same port, for as long as this process lives; calls are told to `onCall`. */
  port<T extends object>(name: string, port: T): T;
  /** Runs `work` to its end, or to the crash of the process. Errors of the work are thrown. */
  live(work: () => Promise<void>): Promise<'done' | Death>;
  /** Where this process crashed, if it has. */
  crashedAt(): Death | undefined;
  /** Ends this process; the call that led here never returns. */
  crash(point: Death): never;
  /** Ends this process at its n-th call to a port from now on, before the call or once it has taken effect. */
  crashAtCall(calls: number, when: 'before' | 'after'): void;
}

export function createLife(onCall: (call: PortCall) => void): Life {
  let crashedAt: Death | undefined;
  let announce: (point: Death) => void = () => undefined;
  const crashed = new Promise<Death>((resolve) => {
    announce = resolve;
  });
  let doomed: { calls: number; when: 'before' | 'after' } | undefined;

  const end = (point: Death): void => {
    crashedAt = point;
    announce(point);
  };

  const mortal =
    (call: PortCall, method: (...args: unknown[]) => unknown) =>
    (...args: unknown[]): unknown => {
      if (crashedAt !== undefined) return noAnswer();
      onCall(call);
      if (doomed === undefined || --doomed.calls > 0) return method(...args);
      return lastCall(call, () => method(...args), doomed.when);
    };

  const lastCall = async (call: PortCall, effect: () => unknown, when: 'before' | 'after'): Promise<unknown> => {
    if (when === 'after') await effect();
    end(call);
    return noAnswer();
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
      end(point);
      throw new Error(`crashed at ${point}`);
    },

    crashAtCall: (calls, when) => {
      doomed = { calls, when };
    },
  };
}

/** Of a port to a process that is no more. */
const noAnswer = (): Promise<never> => new Promise(() => undefined);
