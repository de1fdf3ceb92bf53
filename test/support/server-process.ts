import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { onTestFinished } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

/** The real server as a process of its own: what a signal does to it, no test in the same process can show. */
export type ServerProcess = {
  readonly url: string;
  readonly port: number;
  readonly child: ChildProcess;
  /** Everything it wrote, to both outputs. */
  output(): string;
  /** Ends it; resolves to its exit status, or the signal that ended it. */
  kill(signal: 'SIGKILL' | 'SIGTERM' | 'SIGINT'): Promise<number | string | null>;
};

type Exit = { readonly status: number | string | null; readonly output: string };

export async function startServerProcess(env: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const { child, output, exited } = run(env);
  const port = await new Promise<number>((resolve, reject) => {
    const look = () => {
      const found = /^listening on (\d+)$/m.exec(output());
      if (found !== null) resolve(Number(found[1]));
    };
    child.stdout?.on('data', look);
    void exited.then((status) => reject(new Error(`the server ended with ${String(status)}: ${output()}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    child,
    output,
    async kill(signal) {
      child.kill(signal);
      return exited;
    },
  };
}

/** Runs a server that is expected to end by itself. */
export async function runServer(env: Readonly<Record<string, string>>): Promise<Exit> {
  const { output, exited } = run(env);
  const status = await exited;
  return { status, output: output() };
}

function run(env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(root, 'server/main.ts')], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'debug', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const add = (bytes: Buffer) => (text += bytes.toString());
  child.stdout.on('data', add);
  child.stderr.on('data', add);
  const exited = new Promise<number | string | null>((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? signal));
  });
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await exited;
  });
  return { child, output: () => text, exited };
}
