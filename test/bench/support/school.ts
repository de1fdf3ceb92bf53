import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { io, type Socket } from 'socket.io-client';
import { WIRE_VERSION } from '../../../shared/wire/event.ts';
import type { ClientToServer, ServerToClient } from '../../../shared/wire/events.ts';

export type Instructor = Socket<ServerToClient, ClientToServer>;

/** The built server, on a port of its own. `data`: the folder for its recordings. */
export function startServer(data: string): ChildProcess {
  return spawn(process.execPath, ['dist/server/main.js'], {
    env: {
      ...process.env,
      PORT: '0',
      HOST: '127.0.0.1',
      DATA_DIR: data,
      MAX_NODES: '1000',
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** Throws when the server refuses it. */
export async function command(
  instructor: Instructor,
  given: Parameters<ClientToServer['command']>[0]['command'],
): Promise<void> {
  const ref = `bench-${process.hrtime.bigint()}`;
  const reply = await instructor.emitWithAck('command', { ref, command: given });
  if (!reply.ok) throw new Error(`${given.kind}: ${reply.message}`);
}

/** Opens a classroom, as the form on the home page does: its code, and the secret of whoever teaches there. */
export async function openClassroom(url: string, body: object): Promise<{ code: string; secret: string }> {
  const response = await fetch(`${url}/api/classrooms`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (response.status !== 201)
    throw new Error(`POST /api/classrooms: ${response.status} ${await response.text()}`);
  return (await response.json()) as { code: string; secret: string };
}

/** The instructor's console, once it has the recording. */
export async function openConsole(url: string, code: string, secret: string): Promise<Instructor> {
  const instructor: Instructor = io(url, {
    transports: ['websocket'],
    forceNew: true,
    query: { room: code },
    auth: { wire: WIRE_VERSION, role: 'instructor', secret },
    ackTimeout: 10_000,
  });
  await new Promise<void>((resolve, reject) => {
    instructor.once('recording', () => resolve());
    instructor.once('connect_error', reject);
  });
  return instructor;
}

/** Where it listens, once it does. */
export function portOf(server: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    server.once('exit', () => reject(new Error(`the server did not start: ${text}`)));
    server.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const port = /listening on (\d+)/.exec(text)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  });
}

/** Memory of the process. */
export function residentKb(server: ChildProcess): number {
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN);
}
