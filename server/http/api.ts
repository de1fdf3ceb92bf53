import { Router, json, type Request, type Response } from 'express';
import { parseRoomCode, formatRoomCode } from '../../shared/classroom/room-code.ts';
import { findSystem, SYSTEMS } from '../../shared/systems/index.ts';
import { hasMembership } from '../../shared/systems/system.ts';
import { WORKLOADS } from '../../shared/workloads/index.ts';
import { addressesOf, TooManyClassrooms, type Registry } from '../classrooms/registry.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { addressOf, type CodeGuard } from '../guard.ts';
import { KeyedBuckets } from '../limits.ts';
import { StoreError } from '../stores/store.ts';
import { sendError } from './errors.ts';
import { headerFrom, OpeningError } from './opening-form.ts';

export interface ApiParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly registry: Registry;
  readonly guard: CodeGuard;
  /** Why no further classroom can be taken on now; null when it can. */
  readonly overload: () => string | null;
}

/** A thousand named nodes in groups take some 30 kB. A number: a text that cannot be read would mean no limit. */
const BODY_MAX = 65_536;

/** Opening classrooms and finding them. */
export function classroomRoutes(parts: ApiParts): Router {
  const { config, clock, registry, guard } = parts;
  const router = Router();
  const creations = new KeyedBuckets(config.CREATE_PER_HOUR / 3600, config.CREATE_PER_HOUR);

  router.get('/systems', (_request, response) => {
    response.json({ systems: SYSTEMS.map(describeSystem), workloads: WORKLOADS });
  });

  router.post('/classrooms', json({ limit: BODY_MAX, strict: true }), async (request, response) => {
    const overload = parts.overload();
    if (overload !== null) return sendError(response, 503, 'overloaded', overload);
    try {
      const header = headerFrom(request.body, config.MAX_NODES, clock.wall());
      if (!creations.take(addressOf(request, config.TRUSTED_PROXIES), clock.now())) {
        return sendError(
          response,
          429,
          'too-fast',
          'too many classrooms were opened from this address: wait a while',
        );
      }
      const { classroom, secret } = await registry.create(header);
      const addresses = addressesOf(classroom.code, secret);
      response
        .status(201)
        .json({ code: formatRoomCode(classroom.code), id: header.id, secret, ...addresses });
    } catch (error) {
      if (error instanceof OpeningError) return sendError(response, 400, 'refused', error.message);
      if (error instanceof TooManyClassrooms) return sendError(response, 503, 'crowded', error.message);
      if (error instanceof StoreError) return sendError(response, 503, 'cannot-record', error.message);
      throw error;
    }
  });

  router.get('/classrooms/:code', async (request, response) => {
    await describeClassroom(request, response, registry, guard, addressOf(request, config.TRUSTED_PROXIES));
  });

  return router;
}

async function describeClassroom(
  request: Request,
  response: Response,
  registry: Registry,
  guard: CodeGuard,
  address: string,
): Promise<void> {
  if (!guard.isOpen(address)) {
    return sendError(response, 429, 'too-fast', 'too many codes that stand for nothing: wait a minute');
  }
  const typed = request.params['code'];
  const code = typeof typed === 'string' ? parseRoomCode(typed) : null;
  const classroom = code === null ? null : await registry.find(code);
  const recording = code === null ? undefined : await registry.recordingOf(code);
  if (code === null || recording === undefined) {
    await guard.failed(address);
    return sendError(response, 404, 'no-room', 'there is no classroom with this code');
  }
  if (classroom === null || classroom.ended) {
    response.json({ code: formatRoomCode(code), open: false, ended: true, recording });
    return;
  }
  const { header, class: state } = classroom.sequencer.fold;
  response.json({
    code: formatRoomCode(code),
    system: header.system,
    title: findSystem(header.system)?.title ?? header.system,
    workload: header.workload,
    open: !state.locked && !classroom.full,
    locked: state.locked,
    full: classroom.full,
    ended: false,
    recording: null,
  });
}

/** A system as the form for opening a classroom shows it. */
function describeSystem(system: (typeof SYSTEMS)[number]) {
  const { id, title, summary, label, pacelc, knobs, options, errors, hasLeader } = system;
  const membersChange = hasMembership(system);
  return { id, title, summary, label, pacelc, knobs, options, errors, hasLeader, membersChange };
}
