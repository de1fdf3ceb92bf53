import { consoleWords } from '../messages/console.ts';
import type { Controls } from './console-controls.ts';
import { Shortcuts, type Shortcut } from './shortcuts.svelte.ts';
import { recall, remember } from './storage.ts';

const KEPT = 'shortcuts';

/** The console's single keys. Whether they are on is remembered for this browser, whatever the classroom. */
export function consoleKeys(controls: Controls): Shortcuts {
  const words = consoleWords.keys;
  const list: Shortcut[] = [
    { key: ' ', label: words.space, text: words.pause, run: controls.hold },
    { key: '.', label: '.', text: words.step, run: controls.step },
    { key: '[', label: '[', text: words.slower, run: controls.slower },
    { key: ']', label: ']', text: words.faster, run: controls.faster },
    { key: 'c', label: 'C', text: words.cut, run: controls.cut },
    { key: 'h', label: 'H', text: words.heal, run: controls.heal },
    { key: 'u', label: 'U', text: words.undo, run: controls.undo },
    { key: 'j', label: 'J', text: words.join, run: controls.join },
    { key: 'n', label: 'N', text: words.names, run: controls.names },
    { key: 'l', label: 'L', text: words.lock, run: controls.lock },
    { key: '?', label: '?', text: words.help, run: controls.help },
  ];
  return new Shortcuts(list, recall(KEPT) !== 'off', (enabled) => remember(KEPT, enabled ? null : 'off'));
}
