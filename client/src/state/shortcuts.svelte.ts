/** One key and what it does. */
export type Shortcut = {
  /** As `KeyboardEvent.key` has it; letters in lower case. */
  readonly key: string;
  /** As the button and the list of keys show it. */
  readonly label: string;
  readonly text: string;
  readonly run: () => void;
};

/** Where a person types: there a letter is a letter. */
const TYPING =
  'input:not([type=checkbox], [type=radio], [type=range], [type=button]), textarea, select, [contenteditable]';
/** What the space bar already presses. */
const PRESSABLE =
  'button, a[href], summary, input, [role=button], [role=tab], [role=option], [role=menuitem]';

/**
 * Single-key shortcuts (WCAG 2.1.4): off while somebody types, with a modifier held, or in a dialog;
 * and switched off for good by whoever dictates to the computer.
 */
export class Shortcuts {
  readonly #list: readonly Shortcut[];
  readonly #remember: (enabled: boolean) => void;
  #enabled: boolean = $state(true);

  constructor(list: readonly Shortcut[], enabled: boolean, remember: (enabled: boolean) => void) {
    this.#list = list;
    this.#enabled = enabled;
    this.#remember = remember;
  }

  get list(): readonly Shortcut[] {
    return this.#list;
  }

  get enabled(): boolean {
    return this.#enabled;
  }

  set enabled(enabled: boolean) {
    this.#enabled = enabled;
    this.#remember(enabled);
  }

  /** The shown key of a shortcut, e.g. for `aria-keyshortcuts`; undefined while they are off. */
  labelOf(key: string): string | undefined {
    return this.#enabled ? this.#list.find((shortcut) => shortcut.key === key)?.label : undefined;
  }

  /** Runs what a key stands for; true when it stood for something. */
  press(event: KeyboardEvent): boolean {
    if (!this.#enabled || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey)
      return false;
    if (event.repeat && event.key !== '.') return false;
    const target = event.target instanceof Element ? event.target : null;
    if (isInside(target, TYPING) || isInside(target, 'dialog')) return false;
    if (event.key === ' ' && takesSpace(target)) return false;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const shortcut = this.#list.find((candidate) => candidate.key === key);
    if (shortcut === undefined) return false;
    event.preventDefault();
    shortcut.run();
    return true;
  }
}

/**
 * Whether the space bar already presses what is focused. Not a button that was clicked with the mouse: it
 * keeps the focus without showing it, and who then presses Space means the class, not that button again.
 */
function takesSpace(target: Element | null): boolean {
  const pressable = target?.closest(PRESSABLE) ?? null;
  if (pressable === null) return false;
  return pressable.tagName !== 'BUTTON' || pressable.matches(':focus-visible');
}

function isInside(target: Element | null, selector: string): boolean {
  return target !== null && target.closest(selector) !== null;
}
