import { digest } from '../../shared/base/digest.ts';
import { canonical } from '../../shared/base/json.ts';
import type { Driver } from '../../shared/sim/driver.ts';
import type { Output, Protocol, Shape } from '../../shared/sim/protocol.ts';

/** How often each part of the contract was put to the test: a claim that never came up proves nothing. */
export type ContractCounts = { steps: number; durableChanges: number; driverSteps: number };

/**
 * A protocol that checks its own contract at every step, and otherwise is the same. What a breach names is
 * in the error; it stops the run at the step that did it. Without `order` something may be told before a
 * persist: a replica that answers a read and then repairs its own copy tells nothing that rests on the repair.
 */
export function checkedProtocol(protocol: Protocol, counts: ContractCounts, order = true): Protocol {
  return {
    ...protocol,
    init(config, durable) {
      const twin = protocol.init(copy(config), copy(durable));
      // What was on disk is the replica's own from here on: it may keep and change it.
      const state = protocol.init(freeze(config), durable);
      agree(state, twin, 'init is not deterministic');
      agree(copy(state), state, 'the state is not plain data');
      return state;
    },
    step(state, input, ambient) {
      counts.steps++;
      const twin = copy(state);
      const before = digest(protocol.durable(state));
      const outputs = protocol.step(state, freeze(input), freeze(ambient));
      const again = protocol.step(twin, copy(input), ambient);
      agree(outputs, again, `the same step did other things (${input.kind})`);
      agree(state, twin, `the same step left another state (${input.kind})`);
      agree(copy(outputs), outputs, 'outputs are not plain data');
      agree(copy(state), state, 'the state is not plain data');
      freeze(outputs);
      if (digest(protocol.durable(state)) !== before) {
        counts.durableChanges++;
        demandPersist(outputs, input.kind, order);
      }
      demandLooksOnly(protocol, state);
      demandIgnorance(protocol, state);
      return outputs;
    },
  };
}

/** The same for a driver. */
export function checkedDriver(driver: Driver, counts: ContractCounts): Driver {
  return {
    ...driver,
    step(state, input, ambient) {
      counts.driverSteps++;
      const twin = copy(state);
      const outputs = driver.step(state, freeze(input), freeze(ambient));
      agree(outputs, driver.step(twin, copy(input), ambient), `the driver did other things (${input.kind})`);
      agree(state, twin, `the driver left another state (${input.kind})`);
      agree(copy(state), state, "the driver's state is not plain data");
      freeze(outputs);
      for (const output of outputs) {
        if (output.kind === 'request') demandLine(driver.describeRequest(output.request));
      }
      if (input.kind === 'reply') demandLine(driver.describeReply(input.reply));
      const before = digest(state);
      if (driver.step(state, { kind: 'timer', timer: 'no such timer' }, { now: 0, random: 0 }).length > 0) {
        throw new Error('the driver answers a timer that it has not set');
      }
      if (digest(state) !== before) throw new Error('a timer that was not set changes the driver');
      return outputs;
    },
  };
}

/** What is on disk changed: that is said before anybody hears of it. */
function demandPersist(outputs: readonly Output<Shape>[], input: string, order: boolean): void {
  const persist = outputs.findIndex(({ kind }) => kind === 'persist');
  const told = outputs.findIndex(({ kind }) => kind === 'send' || kind === 'reply');
  if (persist < 0) throw new Error(`the durable state changed without a persist (${input})`);
  if (order && told >= 0 && told < persist)
    throw new Error(`something is told before what it rests on is on disk (${input})`);
}

/** To look at a state changes nothing, and what is shown is plain data and plain lines. */
function demandLooksOnly(protocol: Protocol, state: object): void {
  const before = digest(state);
  const view = protocol.view(state);
  agree(copy(view), view, 'the view is not plain data');
  protocol.durable(state);
  demandLine(protocol.describeState(state));
  if (digest(state) !== before) throw new Error('looking at the state changes it');
}

function demandIgnorance(protocol: Protocol, state: object): void {
  const twin = copy(state);
  const outputs = protocol.step(twin, { kind: 'timer', timer: 'no such timer' }, { now: 0, random: 0 });
  if (outputs.length > 0) throw new Error('a timer that was not set does something');
  agree(state, twin, 'a timer that was not set changes the state');
}

function demandLine(text: string): void {
  if (text === '' || /[\n\r]/.test(text)) throw new Error(`not one line of text: ${JSON.stringify(text)}`);
}

function agree(a: unknown, b: unknown, claim: string): void {
  if (digest(a) !== digest(b)) throw new Error(`${claim}\n${canonical(a)}\n${canonical(b)}`);
}

/** Through JSON, as a state is that a checkpoint or the wire has carried. */
function copy<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T);
}

/** Frozen to the bottom: to change it throws. */
function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) freeze(member);
  return value;
}
