import { parseRoute, type Route } from './router.ts';

/** Where the page is: follows the address bar, and links inside the product without loading the page anew. */
export class Router {
  #path = $state(location.pathname);
  readonly route: Route = $derived(parseRoute(this.#path));

  /** Listens until the page goes away. */
  start(): void {
    addEventListener('popstate', () => (this.#path = location.pathname));
    document.addEventListener('click', (event) => this.#onClick(event));
  }

  /** Goes to an address of the product, with query and fragment. */
  go(address: string, how: 'push' | 'replace' = 'push'): void {
    if (how === 'push') history.pushState(null, '', address);
    else history.replaceState(null, '', address);
    this.#path = location.pathname;
    scrollTo(0, 0);
  }

  #onClick(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link === null || link.target !== '' || link.hasAttribute('download')) return;
    if (link.origin !== location.origin || parseRoute(link.pathname).name === 'unknown') return;
    // A link within the page moves the focus; the browser does that best.
    if (link.pathname === location.pathname && link.hash !== '') return;
    event.preventDefault();
    this.go(link.pathname + link.search + link.hash);
  }
}

export const router = new Router();
