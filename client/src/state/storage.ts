const PREFIX = 'quorum-call:';

/** What this browser remembers under a name; null where it remembers nothing or may not. */
export function recall(name: string, scope: 'browser' | 'tab' = 'browser'): string | null {
  try {
    return area(scope).getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/**
 * Remembers a text, or forgets it with null. Browsers may forbid storage altogether: then the page works
 * until it is closed, which is better than not at all.
 */
export function remember(name: string, text: string | null, scope: 'browser' | 'tab' = 'browser'): void {
  try {
    if (text === null) area(scope).removeItem(PREFIX + name);
    else area(scope).setItem(PREFIX + name, text);
  } catch {
    return;
  }
}

/** Everything this browser remembers under names that begin so. */
export function recallAll(beginning: string): { readonly name: string; readonly text: string }[] {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(PREFIX + beginning))
      .map((key) => ({ name: key.slice(PREFIX.length), text: localStorage.getItem(key) ?? '' }));
  } catch {
    return [];
  }
}

function area(scope: 'browser' | 'tab'): Storage {
  return scope === 'browser' ? localStorage : sessionStorage;
}
