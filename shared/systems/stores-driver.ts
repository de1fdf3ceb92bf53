import type { Table } from '../base/table.ts';
import type { Driver, DriverInput, DriverOutput, DriverShape } from '../sim/driver.ts';
import type { Ambient, Config } from '../sim/protocol.ts';
import { eachStore, MAIN, named, partOf, tag, untag, type Stores, type Tagged } from './stores-parts.ts';

/** One driver out of those of all stores; `storeFor`: which of them has a key. */
export function storesDriver(stores: Stores, storeFor: (key: string) => string): Driver {
  const { names } = stores;
  const driverIn = (name: string): Driver => stores.system(name).driver;
  const step = (
    state: Table<object>,
    name: string,
    input: DriverInput<DriverShape>,
    ambient: Ambient,
  ): DriverOutput<DriverShape>[] => {
    const place = names.indexOf(name);
    return driverIn(name)
      .step(partOf(state, name), input, ambient)
      .map((output): DriverOutput<DriverShape> => {
        switch (output.kind) {
          case 'request': {
            // Each driver numbers its own requests: the number tells them apart for all.
            const id = output.id * names.length + place;
            return { ...output, id, request: { store: name, request: output.request } };
          }
          case 'set-timer':
          case 'cancel-timer':
            return { ...output, timer: tag(name, output.timer) };
          case 'finish':
            return output;
        }
      });
  };
  return {
    refused: driverIn(MAIN).refused,
    interrupted: driverIn(MAIN).interrupted,
    init: (config: Config<object>) =>
      eachStore(names, (name) => driverIn(name).init({ ...config, knobs: stores.knobs(name, config.knobs) })),
    step: (state, input, ambient) => {
      const states = state as Table<object>;
      switch (input.kind) {
        case 'start':
        case 'disconnected':
          return names.flatMap((name) => step(states, name, input, ambient));
        case 'operation':
          return step(states, storeFor(input.operation.key), input, ambient);
        case 'reply': {
          const { store, reply } = input.reply as Tagged<{ reply: object }>;
          const id = Math.floor(input.id / names.length);
          return step(states, store, { ...input, id, reply }, ambient);
        }
        case 'timer': {
          const [store, timer] = untag(input.timer);
          return step(states, store, { kind: 'timer', timer }, ambient);
        }
      }
    },
    describeRequest: (tagged) => {
      const { store, request } = tagged as Tagged<{ request: object }>;
      return named(store, driverIn(store).describeRequest(request));
    },
    describeReply: (tagged) => {
      const { store, reply } = tagged as Tagged<{ reply: object }>;
      return named(store, driverIn(store).describeReply(reply));
    },
  };
}
