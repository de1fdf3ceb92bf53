import { clone } from '../../../shared/base/json.ts';
import { membersOf } from '../../../shared/sim/members.ts';
import { Mirror } from '../../../shared/sim/mirror.ts';
import { resolveKnobs } from '../../../shared/systems/system.ts';
import type { ServerPayload } from '../../../shared/wire/events.ts';
import { unpackMirror } from '../../../shared/wire/seat.ts';
import { definitionOf } from '../../../shared/workloads/definition.ts';
import type { Connection } from '../net/connection.ts';
import { pictureOf, type NodePicture } from './node-picture.ts';
import { loadParts } from './parts.ts';

/** The moment of the past that the instructor has everybody look at, through this node's own eyes. */
export class ShownMoment {
  /** Virtual milliseconds, and the node as it was then; null: the present is shown. */
  shown: { readonly at: number; readonly picture: NodePicture } | null = $state.raw(null);
  readonly #stops: readonly (() => void)[];
  #seat: ServerPayload<'seat'> | null = null;
  #told: ServerPayload<'moment'> = { at: null, mirror: null };

  constructor(connection: Pick<Connection, 'on'>) {
    this.#stops = [
      connection.on('seat', (seat) => {
        this.#seat = seat;
        void this.#draw();
      }),
      connection.on('moment', (told) => {
        this.#told = told;
        void this.#draw();
      }),
      // Whoever is let go looks at the present, also where the word that ended the moment was lost.
      connection.on('class', ({ held }) => {
        if (held) return;
        this.#told = { at: null, mirror: null };
        void this.#draw();
      }),
    ];
  }

  stop(): void {
    for (const stop of this.#stops) stop();
  }

  async #draw(): Promise<void> {
    const { at, mirror } = this.#told;
    const seat = this.#seat;
    if (at === null || mirror === null || seat === null) {
      this.shown = null;
      return;
    }
    const told = this.#told;
    // The seat itself loads the same parts, and tries again where they cannot be had.
    const parts = await loadParts(seat).catch(() => null);
    if (parts === null || told !== this.#told) return;
    const knobs = resolveKnobs(parts.system, seat.knobs, membersOf(seat).length);
    const definition = definitionOf(parts.system, parts.driver, knobs, seat);
    const past = new Mirror(definition, clone(unpackMirror(definition, mirror)));
    this.shown = { at, picture: pictureOf(past, parts, seat.nodes, []) };
  }
}
