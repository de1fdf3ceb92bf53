// npm run build: a full build, also when the last one is up to date.

import { build, ensureInstalled, fail } from './prepare.mjs';

ensureInstalled();
if (!build()) fail('The build failed: see the messages above.');
