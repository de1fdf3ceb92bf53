import '../../../client/src/styles/tokens.css';
import '../../../client/src/styles/base.css';
import { mount } from 'svelte';
import Diagram from './Diagram.svelte';
import Measured from './Measured.svelte';

const target = document.getElementById('app');
const isDiagram = new URLSearchParams(location.search).has('diagram');
if (target !== null) mount(isDiagram ? Diagram : Measured, { target });
