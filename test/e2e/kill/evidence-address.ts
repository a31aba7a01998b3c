import {
  BlobServiceClient,
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';

const CONTAINER = 'evidence';
const VALID_MS = 600_000;

/** The address of a folder of the evidence container, good for reading and listing. */
export function evidenceAddress(connectionString: string, folder: string): string {
  const service = BlobServiceClient.fromConnectionString(connectionString);
  const { credential } = service;
  if (!(credential instanceof StorageSharedKeyCredential)) throw new Error('the connection string holds no key');
  const sas = generateBlobSASQueryParameters(
    {
      containerName: CONTAINER,
      permissions: ContainerSASPermissions.parse('rl'),
      expiresOn: new Date(Date.now() + VALID_MS),
    },
    credential,
  );
  return `${service.getContainerClient(CONTAINER).url}/${folder}?${sas}`;
}
