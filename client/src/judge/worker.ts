import { LiveRun } from './live-run.ts';
import { carryOut, type Order } from './orders.ts';

const live = new LiveRun();

/** The judge's own thread: checking a long history must not hold up the picture. */
self.addEventListener('message', ({ data }: MessageEvent<Order>) => {
  carryOut(data, (report) => self.postMessage(report), live);
});
