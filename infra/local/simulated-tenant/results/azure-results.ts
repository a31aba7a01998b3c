import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  BlobSASPermissions,
  BlobServiceClient,
  type ContainerClient,
  generateBlobSASQueryParameters,
  type StorageSharedKeyCredential,
} from '@azure/storage-blob';
import type { ProducedResult } from '../model/reading-actions.ts';
import { type ResultFacts, type ResultStore, resultKey } from './result-store.ts';

/** The container's name in Defender's documented sample link. */
const CONTAINER = 'investigation-actions-data';
const BLOCK_BYTES = 8 * 1024 * 1024;

/** Results as blobs of an Azure Storage account, behind service SAS links on one blob that really expire. */
export class AzureResults implements ResultStore {
  readonly kind = 'azure';
  readonly #container: ContainerClient;
  readonly #credential: StorageSharedKeyCredential;
  readonly #kept = new Map<string, Promise<ResultFacts>>();
  #ready: Promise<unknown> | undefined;

  /** @throws if the connection string cannot be read or holds no account key */
  constructor(connectionString: string) {
    const service = BlobServiceClient.fromConnectionString(connectionString);
    if (!('accountName' in service.credential)) throw new Error('the connection string must hold an account key');
    this.#credential = service.credential as StorageSharedKeyCredential;
    this.#container = service.getContainerClient(CONTAINER);
  }

  keep(result: ProducedResult): Promise<ResultFacts> {
    const key = resultKey(result);
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const kept = this.#upload(result);
    this.#kept.set(key, kept);
    // Forgotten when it failed, so that the next to ask tries again.
    kept.catch(() => this.#kept.delete(key));
    return kept;
  }

  async linkTo(result: ProducedResult, expiresAt: number): Promise<string> {
    await this.keep(result);
    const blob = this.#container.getBlobClient(blobNameOf(result));
    const sas = generateBlobSASQueryParameters(
      {
        containerName: CONTAINER,
        blobName: blob.name,
        permissions: BlobSASPermissions.parse('r'),
        expiresOn: new Date(expiresAt),
      },
      this.#credential,
    );
    return `${blob.url}?${sas}`;
  }

  async #upload(result: ProducedResult): Promise<ResultFacts> {
    this.#ready ??= this.#container.createIfNotExists();
    await this.#ready.catch((error: unknown) => {
      this.#ready = undefined; // asked for again with the next result
      throw error;
    });
    const hash = createHash('sha256');
    let bytes = 0;
    const { content } = result;
    const hashed = function* () {
      for (const chunk of content.chunks()) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    };
    const blob = this.#container.getBlockBlobClient(blobNameOf(result));
    await blob.uploadStream(Readable.from(hashed()), BLOCK_BYTES, 2, {
      blobHTTPHeaders: { blobContentType: 'application/octet-stream' },
    });
    return { bytes, sha256: hash.digest('hex') };
  }
}

function blobNameOf(result: ProducedResult): string {
  const name = createHash('sha256').update(resultKey(result)).digest('hex');
  return `${result.actionId}/CustomPlaybookCommandOutput/${name}`;
}
