import App from './App.svelte';
import { begin } from './page.ts';

begin(App);
