import { beforeEach, describe, expect, test, vi } from 'vitest';
import { Shortcuts } from '../../client/src/state/shortcuts.svelte.ts';

const cut = vi.fn();
const hold = vi.fn();
const remember = vi.fn();
let shortcuts: Shortcuts;

beforeEach(() => {
  document.body.replaceChildren();
  for (const mock of [cut, hold, remember]) mock.mockClear();
  const list = [
    { key: 'c', label: 'C', text: 'cut', run: cut },
    { key: ' ', label: 'Space', text: 'hold', run: hold },
  ];
  shortcuts = new Shortcuts(list, true, remember);
});

/** Presses a key on an element of that tag, as a browser would tell the window. */
function press(key: string, tag = 'body', more: KeyboardEventInit = {}): boolean {
  const element = tag === 'body' ? document.body : document.body.appendChild(document.createElement(tag));
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });
  let taken = false;
  const listener = (heard: KeyboardEvent): void => void (taken = shortcuts.press(heard));
  window.addEventListener('keydown', listener);
  element.dispatchEvent(event);
  window.removeEventListener('keydown', listener);
  return taken;
}

describe('single keys', () => {
  test('a key does what it stands for, in either case', () => {
    press('c');
    press('C');
    expect(cut).toHaveBeenCalledTimes(2);
  });

  test.each(['input', 'textarea', 'select'])('a letter in a %s is a letter', (tag) => {
    expect(press('c', tag)).toBe(false);
    expect(cut).not.toHaveBeenCalled();
  });

  test('in a dialog keys belong to the dialog', () => {
    expect(press('c', 'dialog')).toBe(false);
  });

  test('with a modifier the key is the browser’s', () => {
    expect(press('c', 'body', { ctrlKey: true })).toBe(false);
    expect(press('c', 'body', { metaKey: true })).toBe(false);
  });

  test('Space presses the button it is on, but not one that was only clicked', () => {
    expect(press(' ', 'button')).toBe(false);
    const clicked = document.body.appendChild(document.createElement('button'));
    shortcuts.point({ target: clicked } as unknown as PointerEvent);
    const event = new KeyboardEvent('keydown', { key: ' ' });
    Object.defineProperty(event, 'target', { value: clicked });
    expect(shortcuts.press(event)).toBe(true);
    expect(hold).toHaveBeenCalledTimes(1);
  });

  test('a key held down acts once', () => {
    expect(press('c', 'body', { repeat: true })).toBe(false);
  });

  test('switched off, nothing acts, no key is shown, and that is remembered', () => {
    expect(shortcuts.labelOf('c')).toBe('C');
    shortcuts.enabled = false;
    expect(press('c')).toBe(false);
    expect(shortcuts.labelOf('c')).toBeUndefined();
    expect(remember).toHaveBeenCalledWith(false);
  });
});
