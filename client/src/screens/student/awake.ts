/**
 * Keeps the screen on while the page is in sight, where the browser can: students watch most of the time,
 * and a phone that sleeps loses its connection. Browsers offer it on https and localhost only, drop it when
 * the page is hidden and may refuse it on a low battery.
 */
export function stayAwake(): { readonly possible: boolean; stop(): void } {
  // The type says that every browser has it, which is not so.
  const wakeLock = (navigator as Partial<Pick<Navigator, 'wakeLock'>>).wakeLock;
  if (wakeLock === undefined) return { possible: false, stop: () => undefined };
  let held: WakeLockSentinel | null = null;
  let stopped = false;
  const hold = async (): Promise<void> => {
    if (stopped || document.visibilityState !== 'visible') return;
    try {
      held = await wakeLock.request('screen');
    } catch {
      held = null;
    }
  };
  const again = (): void => void hold();
  document.addEventListener('visibilitychange', again);
  again();
  return {
    possible: true,
    stop() {
      stopped = true;
      document.removeEventListener('visibilitychange', again);
      void held?.release();
    },
  };
}
