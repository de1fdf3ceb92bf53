import net from 'node:net';
import { onTestFinished } from 'vitest';

/** A network between browsers and a server, that a test can cut and let fall silent. */
export interface FlakyNetwork {
  /** The server, through this network. */
  readonly url: string;
  /** Breaks every line, and lets no new one through, until `mend`. */
  cut(): void;
  /** Swallows whatever is sent, in both directions, and tells nobody: no line breaks. Until `mend`. */
  swallow(): void;
  mend(): void;
}

/** Ended with the test. */
export async function flakyNetwork(server: string): Promise<FlakyNetwork> {
  const target = new URL(server);
  const lines = new Set<net.Socket>();
  let state: 'whole' | 'cut' | 'silent' = 'whole';
  const proxy = net.createServer((near) => {
    if (state === 'cut') {
      near.destroy();
      return;
    }
    const far = net.connect(Number(target.port), target.hostname);
    for (const [from, to] of [[near, far] as const, [far, near] as const]) {
      lines.add(from);
      // What was lost in silence is missing afterwards: such a line is of no use any more.
      from.on('data', (bytes) =>
        state === 'silent' ? silenced.add(from) : !silenced.has(from) && to.write(bytes),
      );
      from.on('error', () => undefined);
      from.on('close', () => {
        lines.delete(from);
        // Who is gone in silence is gone without a word.
        if (state !== 'silent') to.destroy();
      });
    }
  });
  const silenced = new WeakSet<net.Socket>();
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const end = () => {
    for (const line of lines) line.destroy();
  };
  onTestFinished(() => {
    end();
    proxy.close();
  });
  const address = proxy.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    cut() {
      state = 'cut';
      end();
    },
    swallow() {
      state = 'silent';
    },
    mend() {
      state = 'whole';
    },
  };
}
