/** Milliseconds since 1970-01-01T00:00:00Z by the injected clock. Instants are numbers inside, ISO 8601 UTC at the border. */
export type EpochMs = number;

export const seconds = (n: number): number => n * 1_000;
export const minutes = (n: number): number => n * 60_000;
export const hours = (n: number): number => n * 3_600_000;
export const days = (n: number): number => n * 86_400_000;

export const toIso = (at: EpochMs): string => new Date(at).toISOString();
