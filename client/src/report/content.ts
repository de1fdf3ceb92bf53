import type { Names } from '../judge/csv.ts';
import type { Judged, Script } from '../judge/orders.ts';
import type { Moment } from '../state/moments.ts';
import type { KeyMinute } from './key-minutes.ts';
import type { Packed } from './packed.ts';

/** A picture as a data URL, with how many messages happened in its time. Pixels of the page. */
export type Still = {
  readonly url: string;
  readonly width: number;
  readonly height: number;
  readonly messages: number;
};

/** A part of the run that has a picture. */
export type Figure = KeyMinute & { readonly still: Still };

/** The replay as a report has it inside: program, styles, recording. */
export type Enclosed = { readonly script: string; readonly style: string; readonly recording: Packed };

/** What a report is about. `names`: null unless somebody chose to tell who sat where. */
export type ReportContent = {
  readonly script: Script;
  readonly judged: Judged;
  readonly moments: readonly Moment[];
  readonly names: Names | null;
  readonly figures: readonly Figure[];
  /** The replay itself; null where it could not be had. */
  readonly replay: Enclosed | null;
};
