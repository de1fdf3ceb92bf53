import Join from './Join.svelte';
import { begin } from './page.ts';

begin(Join);
