/** CRC-32 (IEEE 802.3) over the letters of a text: where `mem3_hash` puts a document. */
export function crc32(text: string): number {
  let crc = -1;
  for (let i = 0; i < text.length; i++) {
    crc ^= text.charCodeAt(i);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : 0xedb88320 | 0);
  }
  return ~crc >>> 0;
}
