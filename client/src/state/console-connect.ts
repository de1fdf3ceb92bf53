import { WIRE_VERSION } from '../../../shared/wire/event.ts';
import { WATCH_EVENTS } from '../../../shared/wire/watch.ts';
import { openConnection, type Connection } from '../net/connection.ts';
import { ConsoleState } from './console.svelte.ts';

/** A console connected to its classroom. */
export type ConnectedConsole = {
  readonly desk: ConsoleState;
  /** Comes back after having been sent away. */
  readonly reconnect: () => void;
  readonly close: () => void;
};

/** Connects as the instructor. `secret` is asked at each attempt, because it can be changed meanwhile. */
export function connectConsole(code: string, secret: () => string): ConnectedConsole {
  const connection = openConnection(code, WATCH_EVENTS, () => ({
    wire: WIRE_VERSION,
    role: 'instructor',
    secret: secret(),
  }));
  return wireConsole(code, connection);
}

/** Feeds a console with what its connection hears. */
export function wireConsole(code: string, connection: Connection): ConnectedConsole {
  const desk = new ConsoleState(code, connection);
  const stops = [desk.watch.listen(connection), desk.watch.start()];
  return {
    desk,
    reconnect: () => connection.reconnect(),
    close: () => {
      for (const stop of stops) stop();
      desk.connection.stop();
      connection.close();
    },
  };
}
