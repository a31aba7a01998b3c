import type { ScenarioInput } from '../simulated-tenant/model/scenario.ts';

/** Devices of a small company, 20 times as fast as real ones: an answer that takes a device two minutes takes six seconds. */
export const DEMO_SCENARIO: ScenarioInput = {
  seed: 2041,
  switches: { timeScale: 20, sessions: 3, missingScripts: 'failOnDevice' },
  library: [
    { fileName: 'collector.exe', description: 'Forensic collector', content: 'MZ' },
    {
      fileName: 'collect-triage.ps1',
      description: 'Runs the collector',
      content: './collector.exe',
      hasParameters: true,
    },
    {
      fileName: 'collect.sh',
      description: 'Collects logs on macOS and Linux',
      content: 'tar czf /tmp/triage.tgz /var/log',
    },
  ],
  devices: [
    { computerDnsName: 'lt-anna.contoso.com', startDelayMs: 50_000 },
    {
      computerDnsName: 'lt-boris.contoso.com',
      machineTags: ['finance'],
      startDelayMs: 60_000,
      commands: [{ type: 'RunScript', exitCode: 2, scriptErrors: 'Access to one log was denied', damage: 'both' }],
    },
    { computerDnsName: 'lt-carla.contoso.com', machineTags: ['finance'], startDelayMs: 30_000, awake: 'never' },
    { computerDnsName: 'ws-lab-01.contoso.com', startDelayMs: 40_000, portalSession: true },
    {
      computerDnsName: 'ws-lab-02.contoso.com',
      lastIpAddress: '10.1.2.22',
      startDelayMs: 40_000,
      commands: [
        {
          type: 'GetFile',
          fails: { errors: ['The system cannot find the file specified.'], errorHResult: -2147024894 },
        },
      ],
    },
    {
      computerDnsName: 'srv-files.contoso.com',
      osPlatform: 'WindowsServer2022',
      osVersion: '21H2',
      startDelayMs: 40_000,
      commands: [{ type: 'GetFile', bytes: 80_000_000, runMs: 30_000 }],
    },
    { computerDnsName: 'mac-farid.contoso.com', osPlatform: 'macOS', osVersion: '14.5', startDelayMs: 50_000 },
  ],
};

/**
 * Few sessions and a short probation, so that waiting, and a sleeper that gives its session back, can be watched. One
 * session is left to people: somebody in the portal uses it.
 */
export const DEMO_SETTINGS = {
  DEFENDER_SESSIONS: '3',
  DEFENDER_SESSIONS_RESERVED: '1',
  PROBATION_SECONDS: '5',
  POLL_MIN_SECONDS: '1',
} as const;
