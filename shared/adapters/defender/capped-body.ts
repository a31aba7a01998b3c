/** An answer is larger than anything Defender is known to send. */
export class AnswerTooLarge extends Error {
  constructor(mostBytes: number) {
    super(`answer larger than ${mostBytes} bytes`);
    this.name = 'AnswerTooLarge';
  }
}

/**
 * The body of an answer as text, without a byte order mark.
 * @param mostBytes after decompression
 * @throws AnswerTooLarge, or what the connection throws when it breaks
 */
export async function readCapped(response: Response, mostBytes: number): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  const parts: string[] = [];
  let bytes = 0;
  // leaving the loop early cancels the stream and with it the connection
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > mostBytes) throw new AnswerTooLarge(mostBytes);
    parts.push(decoder.decode(chunk, { stream: true }));
  }
  parts.push(decoder.decode());
  return parts.join('');
}
