/** After this much sleep a socket that looks alive is probably dead: the server has stopped waiting. */
const LONG_MS = 30_000;

/**
 * Calls back when a page is looked at again, or its device is back on a network. `long`: an existing
 * connection is not to be trusted either, because a phone that slept or changed its network often holds a
 * socket whose other end is gone.
 */
export function onReturn(callback: (absence: 'short' | 'long') => void): () => void {
  let hiddenAt: number | null = null;
  const onVisibility = (): void => {
    if (document.visibilityState === 'hidden') {
      hiddenAt = Date.now();
      return;
    }
    const slept = hiddenAt === null ? 0 : Date.now() - hiddenAt;
    hiddenAt = null;
    callback(slept > LONG_MS ? 'long' : 'short');
  };
  const onPageShow = (event: PageTransitionEvent): void => {
    if (event.persisted) callback('long');
  };
  const onOnline = (): void => callback('long');
  document.addEventListener('visibilitychange', onVisibility);
  addEventListener('pageshow', onPageShow);
  addEventListener('online', onOnline);
  return () => {
    document.removeEventListener('visibilitychange', onVisibility);
    removeEventListener('pageshow', onPageShow);
    removeEventListener('online', onOnline);
  };
}
