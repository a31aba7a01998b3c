import type { ScenarioInput } from './model/scenario.ts';

/** A small company's devices: what `npm start` and a simulator without a scenario show. */
export const DEFAULT_SCENARIO: ScenarioInput = {
  seed: 7,
  switches: { timeScale: 20, missingScripts: 'failOnDevice' },
  library: [
    {
      fileName: 'collect-triage.ps1',
      description: 'Collects logs into one archive',
      content: 'Compress-Archive $env:TEMP\\triage',
    },
    { fileName: 'whoami.ps1', description: 'Prints the account', content: 'whoami /all', hasParameters: true },
    { fileName: 'collector.exe', description: 'Forensic collector', content: 'MZ' },
    {
      fileName: 'collect.sh',
      description: 'Collects logs on macOS and Linux',
      content: 'tar czf /tmp/triage.tgz /var/log',
    },
  ],
  devices: [
    {
      computerDnsName: 'lt-anna.contoso.com',
      machineTags: ['finance'],
      lastIpAddress: '10.1.0.11',
      aadDeviceId: 'a3f1c2d4-0001-4e5f-8a9b-000000000001',
    },
    {
      computerDnsName: 'lt-boris.contoso.com',
      machineTags: ['finance'],
      lastIpAddress: '10.1.0.12',
      aadDeviceId: 'a3f1c2d4-0002-4e5f-8a9b-000000000002',
      startDelayMs: 45_000,
    },
    {
      computerDnsName: 'lt-carla.contoso.com',
      machineTags: ['finance', 'vip'],
      lastIpAddress: '10.1.0.13',
      awake: { asleepForMs: 3_600_000 },
    },
    {
      computerDnsName: 'lt-dmitri.contoso.com',
      lastIpAddress: '10.1.0.14',
      osPlatform: 'Windows10',
      osVersion: '22H2',
      startDelayMs: 30_000,
    },
    { computerDnsName: 'lt-elena.contoso.com', lastIpAddress: '10.1.0.15', awake: 'never', healthStatus: 'Active' },
    {
      computerDnsName: 'ws-lab-01.contoso.com',
      lastIpAddress: '10.1.2.21',
      machineTags: ['lab'],
      portalSession: { toMs: 1_800_000 },
    },
    {
      computerDnsName: 'ws-lab-02.contoso.com',
      lastIpAddress: '10.1.2.22',
      machineTags: ['lab'],
      commands: [
        {
          type: 'GetFile',
          fails: { errors: ['The system cannot find the file specified.'], errorHResult: -2147024894 },
        },
      ],
    },
    {
      computerDnsName: 'srv-files.contoso.com',
      lastIpAddress: '10.2.0.5',
      osPlatform: 'WindowsServer2022',
      osVersion: '21H2',
      rbacGroupName: 'Servers',
      commands: [{ type: 'GetFile', bytes: 256 * 1024 * 1024, runMs: 60_000 }],
    },
    {
      computerDnsName: 'srv-dc-01.contoso.com',
      lastIpAddress: '10.2.0.2',
      osPlatform: 'WindowsServer2019',
      osVersion: '1809',
      rbacGroupName: 'Domain controllers',
      deviceValue: 'High',
      remediationLevel: false,
    },
    {
      computerDnsName: 'srv-web-01.contoso.com',
      lastIpAddress: '10.2.0.8',
      osPlatform: 'WindowsServer2025',
      osVersion: '24H2',
      rbacGroupName: 'Servers',
      commands: [{ type: 'RunScript', exitCode: 2, scriptErrors: 'Access to the log was denied', damage: 'both' }],
    },
    {
      computerDnsName: 'mac-farid.contoso.com',
      lastIpAddress: '10.1.0.31',
      osPlatform: 'macOS',
      osVersion: '13.6',
      machineTags: ['finance'],
    },
    {
      id: '00000000000000000000000000000000000000a1',
      computerDnsName: 'lt-anna.contoso.com',
      lastIpAddress: '10.1.0.99',
      healthStatus: 'Inactive',
      awake: 'never',
    },
    {
      computerDnsName: 'old-kiosk.contoso.com',
      lastIpAddress: '10.1.3.7',
      osPlatform: 'Windows7',
      osVersion: '7',
      supported: false,
    },
  ],
};
