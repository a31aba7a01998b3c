/** Requests as tests need them: whatever a test is not about is the same everywhere. */

export const GET_FILE = { type: 'GetFile', path: 'C:\\Windows\\Temp\\out.zip' } as const;

export const fileFrom = (...names: string[]) => ({
  targets: names.map((computerDnsName) => ({ computerDnsName })),
  commands: [GET_FILE],
});
