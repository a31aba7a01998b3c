import type { DefenderLimits } from '../../shared/domain/limits.ts';
import { days, minutes, seconds } from '../../shared/domain/time.ts';
import { SOFTWARE } from '../../shared/software.ts';
import type { UseCaseSettings } from '../../shared/use-cases/deps.ts';

/** What a world is set to; what is not named has the default of the settings (api.md). Durations in ms. */
export type WorldSettings = Partial<DefenderLimits> &
  Partial<Pick<UseCaseSettings, 'probationMs' | 'pollMinMs' | 'reuseMs' | 'retentionMs'>>;

export function useCaseSettings(given: WorldSettings = {}): UseCaseSettings {
  const { probationMs = seconds(240), pollMinMs = seconds(5), reuseMs = 0, retentionMs = days(90), ...limits } = given;
  return {
    tenantId: 'contoso',
    limits: {
      submitsPerMinute: 10,
      sessions: 25,
      sessionsReserved: 2,
      callsPerMinute: 100,
      callsPerHour: 1500,
      ...limits,
    },
    probationMs,
    pollMinMs,
    reuseMs,
    retentionMs,
    functionTimeoutMs: minutes(30),
    software: SOFTWARE,
  };
}
