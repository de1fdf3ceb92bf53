import type { Bench, Row } from './report.ts';
import { onMeasuredPage } from './support/page.ts';

/** What a run of the picture showed. */
type Figures = {
  /** Messages drawn on average. */
  readonly messages: number;
  readonly fps: number;
  /** The longest frame, milliseconds. */
  readonly slowest: number;
};

const SIZES = [40, 300];

/** The cluster picture as a class of 300 sees it, with the run folded on the same page. */
export const picture: Bench = {
  name: 'picture',
  text: 'The moving picture in Chromium without a graphics card',
  async run() {
    const figures = await onMeasuredPage<Figures>(async (measure) => {
      const measured: Figures[] = [];
      for (const nodes of SIZES) measured.push(await measure(`nodes=${nodes}`));
      return measured;
    });
    return figures.map(({ messages, fps, slowest }, index): Row => ({
      figure: `${SIZES[index]} nodes`,
      value: Math.round(fps * 10) / 10,
      unit: 'frames/s',
      note: `${Math.round(messages)} messages drawn, longest frame ${Math.round(slowest)} ms`,
    }));
  },
};
