/** A text as it is kept inside a page: compressed where the browser can, else as it is. Base64 either way. */
export type Packed = { readonly packing: 'gzip' | 'plain'; readonly text: string };

export async function pack(text: string): Promise<Packed> {
  const bytes = new TextEncoder().encode(text);
  if (typeof CompressionStream === 'undefined') return { packing: 'plain', text: toBase64(bytes) };
  return { packing: 'gzip', text: toBase64(await through(bytes, new CompressionStream('gzip'))) };
}

/** The text again. Throws where a browser cannot decompress, or where the text was damaged. */
export async function unpack({ packing, text }: Packed): Promise<string> {
  const bytes = Uint8Array.from(atob(text.trim()), (character) => character.charCodeAt(0));
  const whole = packing === 'gzip' ? await through(bytes, new DecompressionStream('gzip')) : bytes;
  return new TextDecoder().decode(whole);
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  // In pieces: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 8192)
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary);
}
