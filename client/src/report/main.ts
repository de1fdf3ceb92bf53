import '../styles/tokens.css';
import '../styles/base.css';
import { mount } from 'svelte';
import { openText } from '../screens/replay/open.ts';
import { theme } from '../ui/theme.svelte.ts';
import Embedded from './Embedded.svelte';
import { unpack } from './packed.ts';

/**
 * The replay inside a report. The report's page has the recording in `#recording`, the replay's place in `#replay`, and
 * the styles of either in style elements of which only one is on: `#paper` for the report, `#desk` for the replay.
 */
const elements = Object.fromEntries(
  ['recording', 'replay', 'paper', 'desk'].map((id) => [id, document.getElementById(id)]),
);
let isOpen = false;

function show(): void {
  const wanted = location.hash === '#replay';
  document.body.classList.toggle('replaying', wanted);
  elements['paper']?.setAttribute('media', wanted ? 'not all' : 'all');
  elements['desk']?.setAttribute('media', wanted ? 'all' : 'not all');
  if (wanted && !isOpen) void open();
}

async function open(): Promise<void> {
  const { recording, replay } = elements;
  if (!recording || !replay) return;
  isOpen = true;
  theme.start();
  const packing = recording.dataset['packing'] === 'gzip' ? 'gzip' : 'plain';
  const { run, complaint } = openText(await unpack({ packing, text: recording.textContent }));
  mount(Embedded, { target: replay, props: { run, complaint } });
}

addEventListener('hashchange', show);
show();
