// npm start: installs and builds what is missing or out of date, then becomes the server. The server runs in
// this very process, so that a signal or a supervisor meets it and not a parent in between.

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt, ensureInstalled, fail, root } from './prepare.mjs';

process.chdir(root);
ensureInstalled();
if (!ensureBuilt()) fail('The build failed, so there is nothing to start: see the messages above.');

process.env.NODE_ENV ??= 'production';
process.setSourceMapsEnabled(true);
await import(pathToFileURL(path.join(root, 'dist/server/main.js')).href);
