/** Calls back before every frame with real milliseconds, until the returned function is called. */
export function everyFrame(callback: (realNow: number) => void): () => void {
  let frame = requestAnimationFrame(function next(realNow) {
    frame = requestAnimationFrame(next);
    callback(realNow);
  });
  return () => cancelAnimationFrame(frame);
}

/** How often screens are told of what moves: faster nobody reads, slower looks broken. Real milliseconds. */
export const NEWS_EVERY_MS = 100;
/** Work a frame may take before the rest waits for the next one. */
export const WORK_MS = 9;
