import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { PresenceTimes } from './presence.ts';
import type { RecorderGauge } from './recorder.ts';

export type ClassroomSettings = PresenceTimes & {
  readonly idleAfterMs: number;
  readonly unconfirmedAfterMs: number;
};

/** Told what happens; the metrics listen. */
export interface ClassroomGauge extends RecorderGauge {
  recorded(entries: number): void;
  disagreed(): void;
  resumed(how: 'tail' | 'snapshot'): void;
}

/** What a classroom is made with, apart from its recording. */
export interface ClassroomParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: ClassroomSettings;
  readonly gauge: ClassroomGauge;
  readonly joinUrls: (code: string) => string[];
  /** The text of a recording as far as it is written; undefined where there is none. */
  readonly read: (id: string) => Promise<string | undefined>;
}
