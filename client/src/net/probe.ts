import { io } from 'socket.io-client';
import { WIRE_VERSION } from '../../../shared/wire/event.ts';

const PATIENCE_MS = 8000;

/** How long a question takes to the server and back, real milliseconds: the median of a few. Null: no answer. */
export async function measureDelay(): Promise<number | null> {
  const times: number[] = [];
  try {
    for (let i = 0; i < 5; i++) {
      const begun = performance.now();
      const response = await fetch('/healthz', { cache: 'no-store' });
      if (!response.ok) return null;
      times.push(performance.now() - begun);
    }
  } catch {
    return null;
  }
  return times.sort((a, b) => a - b)[2] ?? null;
}

/**
 * Whether a live connection can be made in one way alone. It asks for a classroom that does not exist: being
 * turned away by the server proves that the way there is open.
 */
export function probeTransport(transport: 'websocket' | 'polling'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = io({
      forceNew: true,
      reconnection: false,
      transports: [transport],
      upgrade: false,
      timeout: PATIENCE_MS,
      query: { room: '' },
      auth: { wire: WIRE_VERSION, role: 'screen' },
    });
    const finish = (works: boolean): void => {
      socket.disconnect();
      resolve(works);
    };
    socket.io.once('open', () => finish(true));
    socket.io.once('error', () => finish(false));
  });
}
