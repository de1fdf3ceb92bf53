/** Time, and what waits for it. Everything takes it as a part, so that a test can let an hour pass at once. */
export interface Clock {
  /** Milliseconds that only ever go forward, also when somebody sets the machine's clock. */
  now(): number;
  /** The calendar's time in milliseconds: a label, on which nothing depends. */
  wall(): number;
  /** Does something once; the function returned calls it off. */
  after(ms: number, task: () => void): () => void;
  /** Does something again and again; the function returned ends it. */
  every(ms: number, task: () => void): () => void;
}

export const realClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
  every(ms, task) {
    const timer = setInterval(task, ms);
    return () => clearInterval(timer);
  },
};

export function sleep(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}

/** A calendar time as recordings write it. */
export function isoTime(wall: number): string {
  return new Date(wall).toISOString();
}
