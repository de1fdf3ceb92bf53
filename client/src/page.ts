import './styles/tokens.css';
import './styles/base.css';
import { mount, type Component } from 'svelte';
import { router } from './router.svelte.ts';
import { theme } from './ui/theme.svelte.ts';

/** Begins a page: its look, its address, and what it shows. */
export function begin(component: Component): void {
  theme.start();
  router.start();
  const target = document.getElementById('app');
  if (target !== null) mount(component, { target });
}
