import { WIRE_VERSION } from '../../../../shared/wire/event.ts';
import { WATCH_EVENTS } from '../../../../shared/wire/watch.ts';
import { ConnectionState } from '../../state/connection.svelte.ts';
import { Watch } from '../../state/watch.svelte.ts';
import { openConnection } from '../../net/connection.ts';

/** How long the cursor stays after it was moved. */
const CURSOR_MS = 3000;

/** The projector's screen: a watched classroom, and what its three keys and the mouse do. */
export class Wall {
  readonly connection: ConnectionState;
  readonly watch: Watch;
  cursorHidden = $state(false);
  /** Whether J has turned the join card round: on while the class runs, off in the lobby. */
  #turned = $state(false);
  /** Latched: a class that has begun does not go back to its lobby when all is healed. */
  #begun = $state(false);
  readonly #close: () => void;
  #cursorTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(code: string) {
    const connection = openConnection(code, WATCH_EVENTS, () => ({ wire: WIRE_VERSION, role: 'screen' }));
    this.connection = new ConnectionState(connection);
    this.watch = new Watch({ askAnew: () => connection.reconnect() });
    const ends = [this.watch.listen(connection), this.watch.start()];
    this.#close = () => {
      for (const end of ends) end();
      this.connection.stop();
      connection.close();
    };
  }

  /** Whether anything has happened to the cluster yet: before, the wall is there for joining. */
  get begun(): boolean {
    return this.#begun;
  }

  get showsCard(): boolean {
    return this.#begun === this.#turned;
  }

  /** Looks at the run for the end of the lobby. Called whenever the watch has news. */
  notice(): void {
    const fold = this.watch.fold;
    if (this.#begun || fold === null) return;
    const { world, header } = fold;
    const isTouched =
      world.operations.length > 0 ||
      world.faults.length > 0 ||
      header.nodes.some((node) => !world.node(node).up || world.node(node).paused);
    if (!isTouched) return;
    this.#begun = true;
    this.#turned = false;
  }

  onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key === 'j' || event.key === 'J') this.#turned = !this.#turned;
    else if (event.key === 'f' || event.key === 'F') void toggleFullScreen();
  }

  onPointer(): void {
    this.cursorHidden = false;
    clearTimeout(this.#cursorTimer);
    this.#cursorTimer = setTimeout(() => (this.cursorHidden = true), CURSOR_MS);
  }

  close(): void {
    clearTimeout(this.#cursorTimer);
    this.#close();
  }
}

/** Browsers refuse full screen for reasons of their own; the wall is as good without. */
async function toggleFullScreen(): Promise<void> {
  try {
    if (document.fullscreenElement === null) await document.documentElement.requestFullscreen();
    else await document.exitFullscreen();
  } catch {
    return;
  }
}
