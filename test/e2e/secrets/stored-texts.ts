import { TableClient, TableServiceClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { QueueServiceClient } from '@azure/storage-queue';

/** Texts by the place where they lie. */
export type Texts = Map<string, string>;

/** The one blob that is there to hold a secret. */
const KEY_BLOB = /^holdfast-state\/keys\//;

/** Every row, message and blob of an account, with names and metadata. */
export async function storedTexts(connectionString: string): Promise<Texts> {
  const found = [tables(connectionString), queues(connectionString), blobs(connectionString)];
  return new Map((await Promise.all(found)).flat());
}

async function tables(connectionString: string): Promise<[string, string][]> {
  const options = { allowInsecureConnection: true };
  const service = TableServiceClient.fromConnectionString(connectionString, options);
  const texts: [string, string][] = [];
  for await (const { name = '' } of service.listTables()) {
    const rows = await Array.fromAsync(
      TableClient.fromConnectionString(connectionString, name, options).listEntities(),
    );
    texts.push([`table ${name}`, JSON.stringify(rows)]);
  }
  return texts;
}

async function queues(connectionString: string): Promise<[string, string][]> {
  const service = QueueServiceClient.fromConnectionString(connectionString);
  const texts: [string, string][] = [];
  for await (const { name } of service.listQueues()) {
    const { peekedMessageItems } = await service.getQueueClient(name).peekMessages({ numberOfMessages: 32 });
    texts.push([`queue ${name}`, peekedMessageItems.map(({ messageText }) => messageText).join('\n')]);
  }
  return texts;
}

async function blobs(connectionString: string): Promise<[string, string][]> {
  const service = BlobServiceClient.fromConnectionString(connectionString);
  const texts: [string, string][] = [];
  for await (const { name: container } of service.listContainers()) {
    const client = service.getContainerClient(container);
    for await (const { name, metadata } of client.listBlobsFlat({ includeMetadata: true })) {
      const place = `${container}/${name}`;
      if (KEY_BLOB.test(place)) continue;
      const bytes = await client.getBlobClient(name).downloadToBuffer();
      texts.push([`blob ${place}`, `${name}\n${JSON.stringify(metadata)}\n${bytes.toString('latin1')}`]);
    }
  }
  return texts;
}
