import { draw } from '../../shared/base/random.ts';
import type { NodeId } from '../../shared/sim/operation.ts';
import { workloadOf } from '../../shared/recording/setup.ts';
import type { BotLoad } from '../../shared/wire/watch.ts';
import { drawRequest } from '../../shared/workloads/load.ts';
import type { Clock } from '../clock.ts';
import { drawBelow } from '../secrets.ts';
import type { Sequencer } from './sequencer.ts';

/** What bots need of the way into the recording. */
type Recording = Pick<Sequencer, 'fold' | 'health' | 'ask'>;

/** Virtual time between two operations, milliseconds; null: none. */
const EVERY_MS: Readonly<Record<BotLoad, number | null>> = { off: null, slow: 2000, busy: 250 };
/** Real time between two operations, however fast virtual time runs. */
const PAUSE_MS = 250;
/** What `draw` counts from: the workload's own draws come before. */
const NODE_DRAW = 100;

/**
 * Lets the nodes that nobody sits at ask operations of the workload, so that a small class has traffic. They
 * are recorded like anybody's, and a replay knows nothing of chance. The load itself is in no recording: after
 * a restart of the server bots are quiet until they are asked again.
 */
export class Bots {
  readonly #sequencer: Recording;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  #load: BotLoad = 'off';
  /** Virtual and real time of the last operation. */
  #last = { virtual: -Infinity, real: -Infinity };
  #asking = false;

  /** `onChange`: told when the load is another one. */
  constructor(sequencer: Recording, clock: Clock, onChange: () => void) {
    this.#sequencer = sequencer;
    this.#clock = clock;
    this.#onChange = onChange;
  }

  get load(): BotLoad {
    return this.#load;
  }

  set load(load: BotLoad) {
    this.#load = load;
    this.#onChange();
  }

  /** Asks for one operation if it is time. To be called often. */
  tick(): void {
    const { fold, health } = this.#sequencer;
    const every = EVERY_MS[this.#load];
    const isStill = fold.class.held || fold.class.ended || health.kind !== 'well';
    if (every === null || isStill || this.#asking) return;
    const real = this.#clock.now();
    if (fold.now - this.#last.virtual < every || real - this.#last.real < PAUSE_MS) return;
    this.#last = { virtual: fold.now, real };
    void this.#ask(drawBelow(2 ** 32));
  }

  async #ask(random: number): Promise<void> {
    const { fold } = this.#sequencer;
    const nodes = fold.header.nodes.filter((node) => this.#isFree(node));
    const node = nodes[draw(random, NODE_DRAW) % Math.max(1, nodes.length)];
    if (node === undefined) return;
    const operation = drawRequest(workloadOf(fold.header), random);
    this.#asking = true;
    // What becomes of it is in the recording, or was refused: bots do not insist.
    await this.#sequencer
      .ask({ kind: 'operate', node, operation }, { ref: null, durable: false })
      .catch(() => undefined);
    this.#asking = false;
  }

  /** A bot's node that runs. */
  #isFree(node: NodeId): boolean {
    const { world, class: lesson } = this.#sequencer.fold;
    const { up, paused } = world.node(node);
    return lesson.seats[node]?.by === 'bot' && up && !paused;
  }
}
