import { randomBytes } from 'node:crypto';
import net from 'node:net';

/** A WebSocket by hand: it sends what no library would, and need not read. */
export interface RawLine {
  /** 101 when the line was opened. */
  readonly status: number;
  send(text: string): void;
  sendBinary(bytes: Buffer): void;
  /** A part of a text that never ends. */
  sendFragment(text: string, first: boolean): void;
  /** Stops reading, as a browser whose machine sleeps. */
  pause(): void;
  heard(pattern: RegExp): Promise<string>;
  ended(): Promise<void>;
  end(): void;
}

export async function rawLine(
  url: string,
  options: { origin?: string | undefined; room?: string; host?: string },
): Promise<RawLine> {
  const { hostname, port, host } = new URL(url);
  const socket = net.connect(Number(port), hostname);
  const texts: string[] = [];
  let rest = Buffer.alloc(0);
  let isOver = false;
  let wake = () => {};
  socket.on('error', () => undefined);
  socket.on('close', () => {
    isOver = true;
    wake();
  });
  const changed = () => new Promise<void>((resolve) => (wake = resolve));

  socket.write(
    [
      `GET /socket.io/?EIO=4&transport=websocket&room=${options.room ?? ''} HTTP/1.1`,
      `Host: ${options.host ?? host}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      ...(options.origin === undefined ? [] : [`Origin: ${options.origin}`]),
      '',
      '',
    ].join('\r\n'),
  );
  const status = await new Promise<number>((resolve) => {
    const onData = (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      const end = rest.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = rest.subarray(0, end).toString();
      rest = rest.subarray(end + 4);
      socket.off('data', onData);
      resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0));
    };
    socket.on('data', onData);
    socket.on('close', () => resolve(0));
  });
  const collect = (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes]);
    for (let frame = readFrame(rest); frame !== null; frame = readFrame(rest)) {
      rest = rest.subarray(frame.length);
      if (frame.opcode === 1) texts.push(frame.text);
      if (frame.opcode === 8) isOver = true;
      wake();
    }
  };
  socket.on('data', collect);
  collect(Buffer.alloc(0));

  const write = (bytes: Buffer) => {
    if (!socket.destroyed) socket.write(bytes);
  };
  return {
    status,
    send: (text) => write(frame(0x81, Buffer.from(text))),
    sendBinary: (bytes) => write(frame(0x82, bytes)),
    sendFragment: (text, first) => write(frame(first ? 0x01 : 0x00, Buffer.from(text))),
    pause: () => void socket.pause(),
    async heard(pattern) {
      for (;;) {
        const found = texts.find((text) => pattern.test(text));
        if (found !== undefined) return found;
        if (isOver) throw new Error(`the line ended without ${String(pattern)}`);
        await changed();
      }
    },
    async ended() {
      while (!isOver) await changed();
    },
    end: () => void socket.end(),
  };
}

function frame(head: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const { length } = payload;
  const size =
    length < 126 ? Buffer.from([0x80 | length]) : Buffer.from([0x80 | 126, length >> 8, length & 255]);
  const masked = payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0));
  return Buffer.concat([Buffer.from([head]), size, mask, masked]);
}

function readFrame(bytes: Buffer): { opcode: number; text: string; length: number } | null {
  if (bytes.length < 2) return null;
  const short = bytes.readUInt8(1) & 127;
  const headLength = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < headLength) return null;
  const length =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (bytes.length < headLength + length) return null;
  const text = bytes.subarray(headLength, headLength + length).toString();
  return { opcode: bytes.readUInt8(0) & 15, text, length: headLength + length };
}
