import type { Bench, Row } from './report.ts';
import { onMeasuredPage } from './support/page.ts';

/** What a moving space-time diagram showed. */
type Figures = {
  /** Events in the timeline, and in the window on average; arrows drawn of it. */
  readonly events: number;
  readonly inWindow: number;
  readonly arrows: number;
  readonly fps: number;
  /** What one frame's scene and painting cost, milliseconds: the middle one and the 99th percentile. */
  readonly median: number;
  readonly high: number;
};

/** How much of the run is in view at once, virtual milliseconds; 0: all of it. */
const WINDOWS = [500, 4000, 20_000, 0];

/** The space-time diagram of 100,000 events, its window moving in every frame. */
export const spacetime: Bench = {
  name: 'spacetime',
  text: 'The space-time diagram in Chromium without a graphics card',
  async run() {
    const figures = await onMeasuredPage<Figures>(async (measure) => {
      const measured: Figures[] = [];
      for (const span of WINDOWS) measured.push(await measure(`diagram=${span}`));
      return measured;
    });
    return figures.map(({ events, inWindow, arrows, fps, median, high }, index): Row => ({
      figure: WINDOWS[index] === 0 ? 'whole run' : `${(WINDOWS[index] ?? 0) / 1000} s in view`,
      value: Math.round(fps * 10) / 10,
      unit: 'frames/s',
      note: `${Math.round(inWindow)} of ${events} events in view, ${Math.round(arrows)} arrows drawn, a frame costs ${median.toFixed(1)} ms, 99th percentile ${high.toFixed(1)} ms`,
    }));
  },
};
