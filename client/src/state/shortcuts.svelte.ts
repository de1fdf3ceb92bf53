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
  /** The button that was clicked last and may still have the focus. */
  #clicked: Element | null = null;

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

  /** Remembers what was clicked, to tell it from what was come to by keyboard. */
  point(event: PointerEvent): void {
    this.#clicked = event.target instanceof Element ? event.target.closest('button') : null;
  }

  /** Runs what a key stands for; true when it stood for something. */
  press(event: KeyboardEvent): boolean {
    if (!this.#enabled || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey)
      return false;
    if (event.repeat && event.key !== '.') return false;
    const target = event.target instanceof Element ? event.target : null;
    if (isInside(target, TYPING) || isInside(target, 'dialog')) return false;
    if (event.key === 'Tab') this.#clicked = null;
    if (event.key === ' ' && this.#takesSpace(target)) return false;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const shortcut = this.#list.find((candidate) => candidate.key === key);
    if (shortcut === undefined) return false;
    event.preventDefault();
    shortcut.run();
    return true;
  }

  /**
   * Whether the space bar already presses what is focused. Not a button that was clicked with the mouse: it
   * keeps the focus, and who then presses Space means the class, not that button again.
   */
  #takesSpace(target: Element | null): boolean {
    const pressable = target?.closest(PRESSABLE) ?? null;
    return pressable !== null && pressable !== this.#clicked;
  }
}

function isInside(target: Element | null, selector: string): boolean {
  return target !== null && target.closest(selector) !== null;
}
