/** Every address of the product. A code is as the person typed it; the screen parses it. */
export type Route =
  | { readonly name: 'home' }
  | { readonly name: 'join'; readonly code: string | null }
  | { readonly name: 'screen'; readonly code: string }
  | { readonly name: 'console'; readonly code: string }
  | { readonly name: 'replay'; readonly id: string | null }
  | { readonly name: 'recordings' }
  | { readonly name: 'check' }
  | { readonly name: 'unknown' };

export function parseRoute(pathname: string): Route {
  const parts = pathname.split('/').filter((part) => part !== '');
  const [first, second] = [parts[0], decode(parts[1])];
  if (parts.length > 2) return { name: 'unknown' };
  switch (first) {
    case undefined:
      return { name: 'home' };
    case 'j':
      return { name: 'join', code: second };
    case 'screen':
      return second === null ? { name: 'unknown' } : { name: 'screen', code: second };
    case 'console':
      return second === null ? { name: 'unknown' } : { name: 'console', code: second };
    case 'replay':
      return { name: 'replay', id: second };
    case 'recordings':
      return { name: 'recordings' };
    case 'check':
      return { name: 'check' };
    default:
      return { name: 'unknown' };
  }
}

/** The address of a route. An instructor's secret goes into the fragment, which no server ever sees. */
export function pathOf(route: Exclude<Route, { name: 'unknown' }>): string {
  switch (route.name) {
    case 'home':
      return '/';
    case 'join':
      return route.code === null ? '/j' : `/j/${encodeURIComponent(route.code)}`;
    case 'screen':
    case 'console':
      return `/${route.name}/${encodeURIComponent(route.code)}`;
    case 'replay':
      return route.id === null ? '/replay' : `/replay/${encodeURIComponent(route.id)}`;
    case 'recordings':
    case 'check':
      return `/${route.name}`;
  }
}

function decode(part: string | undefined): string | null {
  if (part === undefined) return null;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
