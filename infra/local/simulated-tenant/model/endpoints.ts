/**
 * The calls that the tenant answers, as Defender counts them: each has a budget of its own.
 * @see reference pages of each call; the role is what an application needs.
 */
export const ENDPOINTS = {
  runLiveResponse: { budget: 'submits', roles: ['Machine.LiveResponse'] },
  listMachineActions: { budget: 'calls', roles: ['Machine.Read.All', 'Machine.ReadWrite.All'] },
  getMachineAction: { budget: 'calls', roles: ['Machine.Read.All', 'Machine.ReadWrite.All'] },
  getResultLink: { budget: 'calls', roles: ['Machine.Read.All', 'Machine.ReadWrite.All'] },
  cancelMachineAction: { budget: 'calls', roles: ['Machine.LiveResponse'] },
  listMachines: { budget: 'calls', roles: ['Machine.Read.All', 'Machine.ReadWrite.All'] },
  getMachine: { budget: 'calls', roles: ['Machine.Read.All', 'Machine.ReadWrite.All'] },
  findByIp: { budget: 'calls', roles: ['Machine.Read.All', 'Machine.ReadWrite.All'] },
  findByTag: { budget: 'calls', roles: ['Machine.Read.All', 'Machine.ReadWrite.All'] },
  listLibraryFiles: { budget: 'calls', roles: ['Library.Manage'] },
  uploadLibraryFile: { budget: 'calls', roles: ['Library.Manage'] },
  deleteLibraryFile: { budget: 'calls', roles: ['Library.Manage'] },
  collectInvestigationPackage: { budget: 'calls', roles: ['Machine.CollectForensics'] },
  getPackageUri: { budget: 'packageLinks', roles: ['Machine.Read.All', 'Machine.ReadWrite.All'] },
  isolate: { budget: 'calls', roles: ['Machine.Isolate'] },
  unisolate: { budget: 'calls', roles: ['Machine.Isolate'] },
  runAntiVirusScan: { budget: 'calls', roles: ['Machine.Scan'] },
  restrictCodeExecution: { budget: 'calls', roles: ['Machine.RestrictExecution'] },
  unrestrictCodeExecution: { budget: 'calls', roles: ['Machine.RestrictExecution'] },
  stopAndQuarantineFile: { budget: 'calls', roles: ['Machine.StopAndQuarantine'] },
} as const satisfies Record<string, { budget: 'submits' | 'calls' | 'packageLinks'; roles: readonly string[] }>;

export type Endpoint = keyof typeof ENDPOINTS;

export const ENDPOINT_NAMES = Object.keys(ENDPOINTS) as [Endpoint, ...Endpoint[]];
