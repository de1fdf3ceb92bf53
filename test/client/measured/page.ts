import '../../../client/src/styles/tokens.css';
import '../../../client/src/styles/base.css';
import { mount } from 'svelte';
import Measured from './Measured.svelte';

const target = document.getElementById('app');
if (target !== null) mount(Measured, { target });
