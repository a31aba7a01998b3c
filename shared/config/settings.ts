/** Every setting of the outside contract as data: what the start reads, what the documentation lists, what a test compares. */
export interface SettingDescription {
  readonly name: string;
  /** As it would be written in the environment; absent: unset. */
  readonly default?: string;
  readonly description: string;
  /** Its value is in no message, log or answer. */
  readonly secret?: true;
}

export const SETTINGS = [
  {
    name: 'AzureWebJobsStorage',
    description: 'State: tables, queues and private blobs, by connection string.',
    secret: true,
  },
  {
    name: 'AzureWebJobsStorage__accountName',
    description: 'State by identity: the name of the storage account.',
  },
  { name: 'AzureWebJobsStorage__blobServiceUri', description: 'State by identity: the address of the blob service.' },
  { name: 'AzureWebJobsStorage__queueServiceUri', description: 'State by identity: the address of the queue service.' },
  { name: 'AzureWebJobsStorage__tableServiceUri', description: 'State by identity: the address of the table service.' },
  {
    name: 'AzureWebJobsStorage__credential',
    description: 'State by identity: `managedidentity`, as the Functions host reads it.',
  },
  {
    name: 'AzureWebJobsStorage__clientId',
    description: 'State by identity: client id of the user-assigned identity, where it is not AZURE_CLIENT_ID.',
  },
  {
    name: 'EvidenceStorage',
    description: 'Where evidence goes, by connection string; falls back to the state storage.',
    secret: true,
  },
  {
    name: 'EvidenceStorage__blobServiceUri',
    description: 'Where evidence goes, by identity: the address of the blob service.',
  },
  { name: 'EVIDENCE_CONTAINER', default: 'evidence', description: 'The container of the evidence.' },
  { name: 'AZURE_CLIENT_ID', description: 'Client id of the user-assigned identity.' },
  { name: 'AZURE_AUTHORITY_HOST', description: 'Sign-in host of the cloud; the commercial one when unset.' },
  {
    name: 'DEFENDER_API_URL',
    default: 'https://api.security.microsoft.com',
    description: 'Defender API: any regional or government host.',
  },
  {
    name: 'DEFENDER_TOKEN_SCOPE',
    default: 'https://api.securitycenter.microsoft.com/.default',
    description: 'What a token for Defender is asked for.',
  },
  {
    name: 'DEFENDER_ACCESS_TOKEN',
    description: 'A fixed token; accepted only when DEFENDER_API_URL is a loopback address.',
    secret: true,
  },
  { name: 'DEFENDER_SUBMITS_PER_MINUTE', default: '10', description: 'Live response submits in any 60 seconds.' },
  { name: 'DEFENDER_CALLS_PER_MINUTE', default: '100', description: 'Other calls per endpoint in any 60 seconds.' },
  { name: 'DEFENDER_CALLS_PER_HOUR', default: '1500', description: 'Other calls per endpoint in any hour.' },
  { name: 'DEFENDER_SESSIONS', default: '25', description: 'Concurrent live response sessions of the tenant: slots.' },
  {
    name: 'DEFENDER_SESSIONS_MOST',
    description:
      'Up to how many sessions are tried, one after another, while DEFENDER_SESSIONS are in use; without it none.',
  },
  {
    name: 'DEFENDER_SESSIONS_RESERVED',
    default: '2',
    description: 'How many of the slots are left to people in the portal; 0 is allowed.',
  },
  {
    name: 'PROBATION_SECONDS',
    default: '240',
    description: 'How long a pending action may hold a slot without progress, at most: what is usual is learned.',
  },
  {
    name: 'DISPATCH_SCHEDULE',
    default: '0 * * * * *',
    description: 'Heartbeat of dispatch, NCRONTAB with six fields.',
  },
  { name: 'POLL_SCHEDULE', default: '30 * * * * *', description: 'Heartbeat of polling, NCRONTAB with six fields.' },
  { name: 'POLL_MIN_SECONDS', default: '5', description: 'Shortest time between two polls.' },
  {
    name: 'HOUSEKEEPING_SCHEDULE',
    default: '0 17 3 * * *',
    description: 'When state that is over is removed, NCRONTAB with six fields.',
  },
  {
    name: 'REUSE_EVIDENCE_SECONDS',
    default: '0',
    description: 'Evidence archived so recently serves who asks the same of its device; 0: never.',
  },
  {
    name: 'RETENTION_DAYS',
    default: '90',
    description:
      'How long the state of an ended collection is kept, and when a sleeping device was found awake; evidence is never removed.',
  },
  {
    name: 'RESULT_LINK_HOSTS',
    default: '.blob.core.windows.net,.blob.core.usgovcloudapi.net,.endpoint.security.microsoft.com',
    description:
      'Suffixes of hosts from which a result may be fetched; loopback only when DEFENDER_API_URL is a loopback address.',
  },
  {
    name: 'CALLBACK_HOSTS',
    default: '.logic.azure.com,.azure-api.net,.azurewebsites.net',
    description:
      'Suffixes of hosts that a callback may go to; loopback only when DEFENDER_API_URL is a loopback address.',
  },
  {
    name: 'PUBLIC_BASE_URL',
    description: 'What the links in answers begin with; the scheme and host of the request when unset.',
  },
  {
    name: 'AUTH_MODE',
    default: 'key',
    description:
      '`key`: function keys, checked by the Functions host; `entra`: bearer tokens, checked in the application.',
  },
  { name: 'ENTRA_TENANT_ID', description: 'For `entra`: the tenant that callers come from.' },
  {
    name: 'ENTRA_AUDIENCE',
    description: 'For `entra`: client id or `api://` name of the application that guards Holdfast.',
  },
  { name: 'ENTRA_ISSUER', description: 'For `entra`: issuer of the tokens; that of the tenant when unset.' },
  { name: 'ENTRA_JWKS_URL', description: 'For `entra`: address of the signing keys; that of the tenant when unset.' },
] as const satisfies readonly SettingDescription[];

type Setting = (typeof SETTINGS)[number];
export type SettingName = Setting['name'];
export type SettingWithDefault = Extract<Setting, { readonly default: string }>['name'];

const DEFAULTS = new Map<string, string>(
  SETTINGS.flatMap((setting) => ('default' in setting ? [[setting.name, setting.default] as const] : [])),
);

export function defaultOf(name: SettingWithDefault): string {
  return DEFAULTS.get(name) ?? '';
}
