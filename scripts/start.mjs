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

if (process.env.npm_lifecycle_event === 'start') stopWithNpm();

/**
 * npm starts this through a shell, and a SIGTERM sent to npm ends npm and the shell but never gets here: the server
 * would live on unseen, with its port. So a lost parent counts as the SIGTERM that did not arrive.
 */
function stopWithNpm() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 250).unref();
  // Ctrl-C reaches all three at once: a server that listens for it is stopping already.
  for (const signal of ['SIGINT', 'SIGTERM']) {
    if (process.listenerCount(signal) > 0) process.once(signal, () => clearInterval(watch));
  }
}
