import { describe, expect, it } from 'vitest';
import { createBlobService, createStorageClients } from '../../../../shared/adapters/storage/storage-clients.ts';
import { serviceUrl, signedUrl, storageAccess } from '../../../../shared/adapters/storage/storage-location.ts';
import type { StateStorageConfig } from '../../../../shared/config/storage-settings.ts';

const key = 'c2VjcmV0LWtleQ==';

describe('where the storage is', () => {
  it('is read from a connection string with a key', () => {
    const access = storageAccess({
      connectionString: `DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=${key};EndpointSuffix=core.usgovcloudapi.net`,
    });
    expect(access).toEqual({
      urls: {
        blob: 'https://acct.blob.core.usgovcloudapi.net',
        queue: 'https://acct.queue.core.usgovcloudapi.net',
        table: 'https://acct.table.core.usgovcloudapi.net',
      },
      key: { accountName: 'acct', accountKey: key },
    });
  });

  it('is read from one with a signature, which only signed addresses carry', () => {
    const access = storageAccess({
      connectionString: 'BlobEndpoint=https://acct.blob.example.net/;SharedAccessSignature=?sv=1&sig=a%3D',
    });
    expect(serviceUrl(access, 'blob')).toBe('https://acct.blob.example.net');
    expect(signedUrl(access, 'blob')).toBe('https://acct.blob.example.net?sv=1&sig=a%3D');
    expect(() => serviceUrl(access, 'queue')).toThrow('where the queue service is');
  });

  it('is derived from an account name, or named service by service', () => {
    expect(storageAccess({ accountName: 'acct' }).urls.table).toBe('https://acct.table.core.windows.net');
    const uris = { blobServiceUri: 'https://b.example/', queueServiceUri: 'https://q.example', tableServiceUri: '' };
    expect(storageAccess(uris).urls).toEqual({ blob: 'https://b.example', queue: 'https://q.example' });
  });

  it('is what the settings come to', () => {
    const config: StateStorageConfig = {
      kind: 'identity',
      blobServiceUri: 'https://acct.blob.example.net',
      queueServiceUri: 'https://acct.queue.example.net',
      tableServiceUri: 'https://acct.table.example.net',
      clientId: 'id',
    };
    expect(storageAccess(config)).toEqual({
      urls: { blob: config.blobServiceUri, queue: config.queueServiceUri, table: config.tableServiceUri },
    });
  });

  it('is the emulator for the short form', () => {
    expect(storageAccess({ connectionString: 'UseDevelopmentStorage=true' }).urls.queue).toBe(
      'http://127.0.0.1:10001/devstoreaccount1',
    );
  });

  it.each([
    'http://127.0.0.1:10000/acct',
    'http://localhost:10000/acct',
    'http://[::1]:10000/acct',
    'http://azurite:10000/devstoreaccount1',
    'https://acct.blob.core.windows.net',
  ])('may be %s', (blobServiceUri) => {
    expect(storageAccess({ blobServiceUri }).urls.blob).toBe(blobServiceUri);
  });

  it.each([
    'http://acct.blob.core.windows.net',
    'http://127.0.0.1.example.com/acct',
    'ftp://127.0.0.1/acct',
    'not a url',
  ])('may not be %s', (blobServiceUri) => {
    expect(() => storageAccess({ blobServiceUri })).toThrow();
  });

  it.each(['AccountName=acct', `AccountKey=${key}`, `Nonsense ${key}`, ''])(
    'is refused without a word of the secret: %s',
    (connectionString) => {
      expect(() => storageAccess({ connectionString })).toThrow(/connection string/);
      expect(() => storageAccess({ connectionString })).not.toThrow(key);
    },
  );
});

describe('storage clients', () => {
  const credential = { getToken: async () => null };

  it('need an identity where the location holds no secret', () => {
    expect(() => createStorageClients({ accountName: 'acct' })).toThrow('no identity was given');
    expect(createStorageClients({ accountName: 'acct' }, { credential }).table('work').url).toBe(
      'https://acct.table.core.windows.net',
    );
  });

  it('can be for blobs alone', () => {
    const blobs = createBlobService({ blobServiceUri: 'https://evidence.example' }, { credential });
    expect(blobs.getContainerClient('evidence').url).toBe('https://evidence.example/evidence');
    expect(() => createStorageClients({ blobServiceUri: 'https://evidence.example' }, { credential })).toThrow(
      'where the table service is',
    );
  });
});
