import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { Router, type Request } from 'express';
import { CHAIN_START, decodeLine } from '../../shared/recording/codec.ts';
import type { Header } from '../../shared/recording/header.ts';
import { People } from '../classrooms/people.ts';
import type { Registry } from '../classrooms/registry.ts';
import { isoTime, type Clock } from '../clock.ts';
import { addressOf, type CodeGuard } from '../guard.ts';
import type { Config } from '../config.ts';
import { sendError } from './errors.ts';

/** The newest so many are listed; the others are still there by their id. */
const LISTED_MAX = 500;

export interface RecordingParts {
  readonly registry: Registry;
  readonly guard: CodeGuard;
  readonly clock: Clock;
  readonly config: Config;
}

/** Recordings, finished and growing. There is no name in any of them. */
export function recordingRoutes({ registry, guard, config }: RecordingParts): Router {
  const router = Router();
  const headers = new HeaderCache(registry);

  router.get('/recordings', async (_request, response) => {
    const stored = (await registry.store.list()).sort((a, b) => b.touched - a.touched).slice(0, LISTED_MAX);
    const recordings = [];
    for (const { id, bytes, touched } of stored) {
      const header = await headers.get(id);
      if (header === null) continue;
      const { system, workload, opened, nodes } = header;
      const live = registry.classroomOf(id);
      const damaged = registry.damaged.get(id)?.message ?? null;
      recordings.push({
        id,
        system,
        workload,
        opened,
        nodes: nodes.length,
        bytes,
        touched: isoTime(touched),
        live: live !== undefined && !live.ended,
        damaged,
      });
    }
    response.json({ recordings });
  });

  router.get('/recordings/:id', async (request, response) => {
    const id = request.params.id;
    const found = await registry.store.read(id, registry.damaged.get(id)?.bytes ?? null);
    if (found === undefined)
      return sendError(response, 404, 'not-found', 'there is no recording with this id');
    response.type('application/x-ndjson');
    response.set('Content-Disposition', `attachment; filename="quorum-call-${id}.jsonl"`);
    response.set('Cache-Control', 'no-store');
    response.set('Content-Length', String(found.size));
    try {
      await pipeline(Readable.from(found.bytes), response);
    } catch {
      // The reader went away, or the file did; a length that is not reached tells a reader who is still there.
      response.destroy();
    }
  });

  router.delete('/recordings/:id', async (request, response) => {
    const id = request.params.id;
    const address = addressOf(request, config.TRUSTED_PROXIES);
    if (!guard.isOpen(address)) return sendError(response, 429, 'too-fast', 'wait a minute');
    const people =
      registry.classroomOf(id)?.people ?? (isId(id) ? await People.load(registry.store, id) : null);
    const secret = bearerOf(request);
    if (people === null || secret === null || !people.isInstructor(secret)) {
      await guard.failed(address);
      return sendError(
        response,
        403,
        'not-allowed',
        "this needs the instructor's secret of that very classroom",
      );
    }
    await registry.remove(id);
    headers.forget(id);
    response.status(204).end();
  });

  return router;
}

/** First lines, which never change: a list of five hundred must not read five hundred files each time. */
class HeaderCache {
  readonly #registry: Registry;
  readonly #known = new Map<string, Header | null>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  async get(id: string): Promise<Header | null> {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const line = await this.#registry.store.firstLine(id);
    const header = line === undefined ? null : parseHeader(line);
    if (this.#known.size >= 2 * LISTED_MAX) this.#known.clear();
    this.#known.set(id, header);
    return header;
  }

  forget(id: string): void {
    this.#known.delete(id);
  }
}

function parseHeader(text: string): Header | null {
  try {
    const { line } = decodeLine(text, CHAIN_START);
    return line.line === 'header' ? line : null;
  } catch {
    return null;
  }
}

function bearerOf(request: Request): string | null {
  return /^Bearer ([A-Za-z0-9_-]{20,64})$/.exec(request.get('authorization') ?? '')?.[1] ?? null;
}

function isId(id: string): boolean {
  return /^[A-Za-z0-9-]{1,64}$/.test(id);
}
