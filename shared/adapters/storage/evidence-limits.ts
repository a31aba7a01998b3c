/**
 * What the blob service takes, checked before anything is sent and by every implementation alike: Azurite is laxer in
 * places, and no test may pass on a twin what Azure would refuse.
 * @see https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
 */
const NAME_CHARACTERS = 1024;
const BLOCK_ID_BYTES = 64;
const METADATA_BYTES = 8 * 1024;

/** They travel as headers. */
const METADATA_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const HEADER_VALUE = /^[\x20-\x7e]*$/;

/** @throws RangeError when no blob can have this name or metadata */
export function checkBlob(blobName: string, metadata: Record<string, string> = {}): void {
  if (blobName.length === 0) throw new RangeError('a blob needs a name');
  if (blobName.length > NAME_CHARACTERS)
    throw new RangeError(`a blob name has ${blobName.length} characters, ${NAME_CHARACTERS} fit`);
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata)) {
    if (!METADATA_NAME.test(name)) throw new RangeError(`metadata cannot be named ${JSON.stringify(name)}`);
    if (!HEADER_VALUE.test(value)) throw new RangeError(`metadata ${name} holds more than plain ASCII`);
    bytes += name.length + value.length;
  }
  if (bytes > METADATA_BYTES) throw new RangeError(`metadata of ${bytes} bytes: at most ${METADATA_BYTES} fit`);
}

/** @throws RangeError when no block can have this id or length */
export function checkBlock(blobName: string, blockId: string, bytes: number): void {
  checkBlob(blobName);
  const id = Buffer.from(blockId, 'base64');
  if (id.length === 0 || id.length > BLOCK_ID_BYTES || id.toString('base64') !== blockId)
    throw new RangeError(
      `a block id is base64 of 1 to ${BLOCK_ID_BYTES} bytes: ${JSON.stringify(blockId.slice(0, 100))}`,
    );
  if (bytes < 1) throw new RangeError('a block has at least one byte');
}
