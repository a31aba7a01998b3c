import { BlobClient, ContainerClient } from '@azure/storage-blob';
import type { EvidenceFiles } from './verify-evidence.ts';

/** A person waits for the answer: one more try each, soon. */
const RETRIES = { maxTries: 2, retryDelayInMs: 200 };

/**
 * Evidence in a blob container, by the address of its manifest or of the folder that holds it. Whatever rights the
 * address brings (a SAS with read and list) are the ones that are used.
 */
export function blobFiles(address: string): EvidenceFiles {
  const url = new URL(address);
  url.pathname = url.pathname.replace(/\/+$/, '');
  const { name, containerName, accountName } = new BlobClient(url.href);
  const container = new ContainerClient(containerUrl(url, containerName, accountName), undefined, {
    retryOptions: RETRIES,
  });
  const folder = name.replace(/(^|\/)manifest\.json$/, '');
  const prefix = folder === '' ? '' : `${folder}/`;

  return {
    async list() {
      const found: { path: string; plain: boolean }[] = [];
      for await (const blob of container.listBlobsFlat({ prefix }))
        found.push({ path: blob.name.slice(prefix.length), plain: true });
      return found;
    },
    async read(path) {
      const answer = await container.getBlobClient(`${prefix}${path}`).download(0, undefined, { maxRetryRequests: 5 });
      if (!answer.readableStreamBody) throw new Error(`no bytes came for ${path}`);
      return bytesOf(answer.readableStreamBody);
    },
  };
}

/** The account stands in the host's name, or, for Azurite, at the beginning of the path. */
function containerUrl(url: URL, containerName: string, accountName: string): string {
  const container = new URL(url.href);
  const [, first] = url.pathname.split('/');
  container.pathname = first === accountName ? `/${accountName}/${containerName}` : `/${containerName}`;
  return container.href;
}

async function* bytesOf(stream: NodeJS.ReadableStream): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

export const isBlobAddress = (text: string): boolean => /^https?:\/\//i.test(text);
