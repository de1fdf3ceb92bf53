import './styles/tokens.css';
import './styles/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { router } from './router.svelte.ts';
import { theme } from './ui/theme.svelte.ts';

theme.start();
router.start();
const target = document.getElementById('app');
if (target !== null) mount(App, { target });
