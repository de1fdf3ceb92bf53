import { assert } from '../base/assert.ts';
import type { Table } from '../base/table.ts';
import type { Ambient, Input, Output, Protocol, ReplicaView, Shape } from '../sim/protocol.ts';
import { eachStore, named, partOf, tag, untag, type Stores, type Tagged } from './stores-parts.ts';

/** One protocol out of those of all stores: messages, timers and requests say which of them they belong to. */
export function storesProtocol(stores: Stores): Protocol {
  const { names } = stores;
  const protocolIn = (name: string): Protocol => stores.system(name).protocol;
  const isStream = names.some((name) => protocolIn(name).channel === 'stream');
  const step = (state: Table<object>, name: string, input: Input<Shape>, ambient: Ambient): Output<Shape>[] =>
    protocolIn(name)
      .step(partOf(state, name), input, ambient)
      .map((output) => tagOutput(name, output));
  return {
    name: names.map((name) => protocolIn(name).name).join(' + '),
    channel: isStream ? 'stream' : 'datagram',
    connections: names.some((name) => protocolIn(name).connections),
    init: (config, durable) =>
      eachStore(names, (name) =>
        protocolIn(name).init(
          { ...config, knobs: stores.knobs(name, config.knobs) },
          durable === null ? null : partOf(durable as Table<object>, name),
        ),
      ),
    step: (state, input, ambient) => {
      const states = state as Table<object>;
      switch (input.kind) {
        case 'start':
          return names.flatMap((name) => step(states, name, input, ambient));
        case 'disconnected':
          return names
            .filter((name) => protocolIn(name).connections)
            .flatMap((name) => step(states, name, input, ambient));
        case 'message': {
          const { store, message } = input.message as Tagged<{ message: object }>;
          return step(states, store, { ...input, message }, ambient);
        }
        case 'request': {
          const { store, request } = input.request as Tagged<{ request: object }>;
          return step(states, store, { ...input, request }, ambient);
        }
        case 'timer': {
          const [store, timer] = untag(input.timer);
          return step(states, store, { kind: 'timer', timer }, ambient);
        }
      }
    },
    durable: (state) =>
      eachStore(names, (name) => protocolIn(name).durable(partOf(state as Table<object>, name)) as object),
    view: (state) => merge(names, (name) => protocolIn(name).view(partOf(state as Table<object>, name))),
    describeMessage: (tagged) => {
      const { store, message } = tagged as Tagged<{ message: object }>;
      return named(store, protocolIn(store).describeMessage(message));
    },
    describeState: (state) =>
      names
        .map((name) => named(name, protocolIn(name).describeState(partOf(state as Table<object>, name))))
        .join('; '),
  };
}

function tagOutput(store: string, output: Output<Shape>): Output<Shape> {
  switch (output.kind) {
    case 'send':
      return { ...output, message: { store, message: output.message } };
    case 'reply':
      return { ...output, reply: { store, reply: output.reply } };
    case 'set-timer':
    case 'cancel-timer':
      return { ...output, timer: tag(store, output.timer) };
    case 'mark':
      return { ...output, mark: { ...output.mark, text: named(store, output.mark.text) } };
    case 'persist':
    case 'halt':
      return output;
  }
}

/** One view of several replicas; `parts` keeps them apart for the judge of each store. */
function merge(names: readonly string[], viewIn: (name: string) => ReplicaView): ReplicaView {
  const parts = eachStore(names, viewIn);
  const views = names.map((name) => partOf(parts, name));
  const leading = views.find(({ role }) => role === 'leader') ?? views[0];
  assert(leading !== undefined, 'there is no store');
  return {
    role: leading.role,
    term: leading.term,
    leader: leading.leader,
    data: Object.assign({}, ...views.map(({ data }) => data)) as ReplicaView['data'],
    facts: names.flatMap((name) =>
      partOf(parts, name).facts.map(([label, text]) => [named(name, label), text] as const),
    ),
    parts,
  };
}
