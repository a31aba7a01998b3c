import { createHash } from 'node:crypto';
import { crc32, gzipSync } from 'node:zlib';
import { mulberry32, seedFrom } from './random.ts';
import type { CommandBehaviour } from './scenario.ts';

/**
 * What a device hands over for a command: made from a seed, whole in memory only where it is small.
 * The same content can be generated again, as a whole or from an offset, as often as it is asked for.
 */
export interface ResultContent {
  readonly bytes: number;
  /** @param from first byte wanted; chunks are at most 64 KiB */
  chunks(from?: number): Generator<Buffer>;
}

/** Files up to this size are truly compressed; larger ones travel as stored gzip blocks, which need no memory. */
const COMPRESSED_UP_TO = 1_048_576;
const DEFAULT_FILE_BYTES = 20_000;

/** A GetFile result: one gzip member around the file's bytes. */
export function getFileContent(seed: number, behaviour: CommandBehaviour | undefined): ResultContent {
  const bytes = behaviour?.bytes ?? DEFAULT_FILE_BYTES;
  if (bytes > COMPRESSED_UP_TO) return storedGzip(seed, bytes);
  const file = Buffer.concat([...fileChunks(seed, bytes)]);
  return inMemory(gzipSync(file, { level: 6 }));
}

/** A RunScript result: Defender's JSON, undamaged or damaged as seen in the field. */
export function runScriptContent(
  script: { name: string; actionId: string; computerDnsName: string },
  behaviour: CommandBehaviour | undefined,
): ResultContent {
  const banner = `Transcript started, output file is C:\\ProgramData\\PSScriptOutput_${script.actionId}.txt\n`;
  const said = behaviour?.output ?? `Hello from ${script.computerDnsName}\n`;
  const padding = 'x'.repeat(Math.max(0, (behaviour?.bytes ?? 0) - banner.length - said.length));
  let json = JSON.stringify({
    script_name: script.name,
    exit_code: behaviour?.exitCode ?? 0,
    script_output: banner + said + padding,
    script_errors: behaviour?.scriptErrors ?? '',
  });
  const damage = behaviour?.damage ?? 'none';
  if (damage === 'newlines' || damage === 'both') json = json.replace(/(?<!\\)\\n/g, '\n');
  if (damage === 'nuls' || damage === 'both') json += '\0\0\0';
  return inMemory(Buffer.from(json));
}

/** An investigation package: a ZIP with one stored file. */
export function packageContent(seed: number): ResultContent {
  const name = Buffer.from('Forensics Collection Summary.txt');
  const data = Buffer.concat([...fileChunks(seed, DEFAULT_FILE_BYTES)]);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt32LE(crc32(data), 10);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(data.length, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, name, data]);
  const directory = Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), common, Buffer.alloc(14), name]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(local.length, 16);
  return inMemory(Buffer.concat([local, directory, end]));
}

export function inMemory(content: Buffer): ResultContent {
  return {
    bytes: content.length,
    *chunks(from = 0) {
      for (let at = from; at < content.length; at += 65_536) yield content.subarray(at, at + 65_536);
    },
  };
}

/** Hashes without holding the loop for long. @returns lower-case hex */
export async function sha256Of(content: ResultContent): Promise<string> {
  const hash = createHash('sha256');
  let sinceRest = 0;
  for (const chunk of content.chunks()) {
    hash.update(chunk);
    sinceRest += chunk.length;
    if (sinceRest < 8_388_608) continue;
    sinceRest = 0;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return hash.digest('hex');
}

/** The largest block that gzip can store uncompressed. */
const BLOCK = 65_535;

/** The bytes of a file: lines of noise and of zeros in turn, each block told from the others by a counter. */
function* fileChunks(seed: number, bytes: number): Generator<Buffer> {
  const random = mulberry32(seedFrom(seed, 'content'));
  const noise = Buffer.alloc(Math.min(BLOCK, bytes));
  for (let at = 0; at < noise.length; at++) noise[at] = at & 256 ? 0 : Math.floor(random() * 256);
  for (let at = 0, block = 0; at < bytes; at += BLOCK, block++) {
    const chunk = Buffer.from(noise.subarray(0, Math.min(BLOCK, bytes - at)));
    if (chunk.length >= 8) chunk.writeUInt32LE(block, 4);
    yield chunk;
  }
}

const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

/** A gzip stream of stored blocks: valid, deterministic, and generated as it is sent. */
function storedGzip(seed: number, bytes: number): ResultContent {
  return {
    bytes: GZIP_HEADER.length + bytes + 5 * Math.ceil(bytes / BLOCK) + 8,
    *chunks(from = 0) {
      let at = 0;
      for (const chunk of storedGzipChunks(seed, bytes)) {
        if (at + chunk.length > from) yield chunk.subarray(Math.max(0, from - at));
        at += chunk.length;
      }
    },
  };
}

function* storedGzipChunks(seed: number, bytes: number): Generator<Buffer> {
  yield GZIP_HEADER;
  let crc = 0;
  let done = 0;
  for (const chunk of fileChunks(seed, bytes)) {
    crc = crc32(chunk, crc);
    done += chunk.length;
    const head = Buffer.alloc(5);
    head[0] = done === bytes ? 1 : 0;
    head.writeUInt16LE(chunk.length, 1);
    head.writeUInt16LE(chunk.length ^ 0xffff, 3);
    yield Buffer.concat([head, chunk]);
  }
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(crc >>> 0, 0);
  tail.writeUInt32LE(bytes >>> 0, 4);
  yield tail;
}
