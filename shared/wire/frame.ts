import * as v from 'valibot';
import { unreachable } from '../base/assert.ts';
import { Request } from '../sim/operation.ts';
import type { Body, NodeInput, Owner } from '../sim/node.ts';
import type { SeatInput } from '../sim/timeline.ts';

/**
 * Inputs of a node as one flat array, the busiest thing on the wire: for each input its time, its draw, a
 * code and then what the code says.
 *
 * | code | input | followed by |
 * |---|---|---|
 * | 0 | start | |
 * | 1 | arrival of a message | sender, number, message |
 * | 2 | arrival of a request | sender, number, id, request |
 * | 3 | arrival of a reply | sender, number, id, reply |
 * | 4 | arrival: connection reset | sender, number |
 * | 5 | timer of the replica | timer |
 * | 6 | timer of the driver | timer |
 * | 7 | operation | request |
 * | 8 | crash | `kept` or `lost` |
 * | 9 | pause | |
 * | 10 | resume | |
 * | 11 | clock skew | offset |
 * | 12 | clock skew with drift | offset, drift |
 * | 13 | clock jump | by how much |
 */
export type FlatInputs = readonly unknown[];

/** Appends an input to a flat array. */
export function flatten(input: SeatInput, flat: unknown[]): void {
  flat.push(input.at, input.random);
  const given = input.input;
  switch (given.kind) {
    case 'start':
      flat.push(0);
      return;
    case 'arrival':
      flattenArrival(given.from, given.number, given.body, flat);
      return;
    case 'timer':
      flat.push(given.owner === 'replica' ? 5 : 6, given.timer);
      return;
    case 'operation':
      flat.push(7, given.request);
      return;
    case 'crash':
      flat.push(8, given.disk);
      return;
    case 'pause':
      flat.push(9);
      return;
    case 'resume':
      flat.push(10);
      return;
    case 'skew':
      if (given.drift === undefined) flat.push(11, given.offset);
      else flat.push(12, given.offset, given.drift);
      return;
    case 'jump':
      flat.push(13, given.by);
      return;
    default:
      unreachable(given);
  }
}

function flattenArrival(from: string, number: number, body: Body, flat: unknown[]): void {
  switch (body.kind) {
    case 'message':
      flat.push(1, from, number, body.message);
      return;
    case 'request':
      flat.push(2, from, number, body.id, body.request);
      return;
    case 'reply':
      flat.push(3, from, number, body.id, body.reply);
      return;
    case 'disconnected':
      flat.push(4, from, number);
      return;
    default:
      unreachable(body);
  }
}

const Count = v.pipe(v.number(), v.safeInteger());
const Plain = v.custom<object>((value) => typeof value === 'object' && value !== null);

/** Reads a flat array back. Throws ValiError or RangeError when it is not one. */
export function unflatten(flat: FlatInputs): SeatInput[] {
  const inputs: SeatInput[] = [];
  let position = 0;
  const next = <T>(schema: v.GenericSchema<unknown, T>): T => v.parse(schema, flat[position++]);
  while (position < flat.length) {
    const at = next(Count);
    const random = next(Count);
    inputs.push({ at, random, input: readInput(next(Count), next) });
  }
  return inputs;
}

type Next = <T>(schema: v.GenericSchema<unknown, T>) => T;

function readInput(code: number, next: Next): NodeInput {
  switch (code) {
    case 0:
      return { kind: 'start' };
    case 1:
      return arrival(next, () => ({ kind: 'message', message: next(Plain) }));
    case 2:
      return arrival(next, () => ({ kind: 'request', id: next(Count), request: next(Plain) }));
    case 3:
      return arrival(next, () => ({ kind: 'reply', id: next(Count), reply: next(Plain) }));
    case 4:
      return arrival(next, () => ({ kind: 'disconnected' }));
    case 5:
      return timer('replica', next);
    case 6:
      return timer('driver', next);
    case 7:
      return { kind: 'operation', request: next(Request) };
    case 8:
      return { kind: 'crash', disk: next(v.picklist(['kept', 'lost'])) };
    case 9:
      return { kind: 'pause' };
    case 10:
      return { kind: 'resume' };
    case 11:
      return { kind: 'skew', offset: next(Count) };
    case 12:
      return { kind: 'skew', offset: next(Count), drift: next(Count) };
    case 13:
      return { kind: 'jump', by: next(Count) };
    default:
      throw new RangeError(`a frame has an input of code ${code}`);
  }
}

function arrival(next: Next, body: () => Body): NodeInput {
  const from = next(v.string());
  const number = next(Count);
  return { kind: 'arrival', from, number, body: body() };
}

function timer(owner: Owner, next: Next): NodeInput {
  return { kind: 'timer', owner, timer: next(v.string()) };
}
