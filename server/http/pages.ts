import type { Server } from 'node:http';
import path from 'node:path';
import compression from 'compression';
import express, { Router, type RequestHandler } from 'express';
import helmet from 'helmet';

/** Where the pages come from. */
export interface Pages {
  readonly router: RequestHandler;
  close(): Promise<void>;
}

/**
 * What every answer says to the browser. Nothing but our own files, no frame around us, no referrer; and nothing that
 * assumes https, which a classroom's LAN has not: an upgrade of requests would leave the page blank there.
 */
export function securityHeaders(dev: boolean): RequestHandler {
  return helmet({
    contentSecurityPolicy: dev
      ? false
      : {
          useDefaults: false,
          directives: {
            defaultSrc: ["'none'"],
            scriptSrc: ["'self'"],
            // Positions in the picture are set by scripts through the CSSOM, which needs no permission.
            styleSrc: ["'self'"],
            imgSrc: ["'self'", 'data:'],
            fontSrc: ["'self'"],
            connectSrc: ["'self'", 'ws:', 'wss:'],
            workerSrc: ["'self'"],
            manifestSrc: ["'self'"],
            baseUri: ["'none'"],
            formAction: ["'none'"],
            frameAncestors: ["'none'"],
            objectSrc: ["'none'"],
          },
        },
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  });
}

/** The built pages: the student's, and for every other address the one that has all routes. */
export function builtPages(root: string): Pages {
  const built = path.join(root, 'dist/client');
  const router = Router();
  router.use(compression());
  router.use(
    '/assets',
    express.static(path.join(built, 'assets'), { immutable: true, maxAge: '1y', fallthrough: false }),
  );
  router.use(express.static(built, { index: false, maxAge: 0 }));
  router.get(['/j', '/j/{*code}'], page(built, 'join.html'));
  router.get('/{*route}', page(built, 'index.html'));
  return { router, close: () => Promise.resolve() };
}

function page(built: string, file: string): RequestHandler {
  return (_request, response, next) => {
    // Never from a cache: an old page would ask for assets that are gone.
    response.set('Cache-Control', 'no-cache');
    response.sendFile(file, { root: built }, (error) => {
      if (error) next(error);
    });
  };
}

/** The pages straight from their sources, for development; changes arrive by themselves. */
export async function sourcePages(root: string, http: Server): Promise<Pages> {
  const { createServer } = await import('vite');
  const vite = await createServer({
    configFile: path.join(root, 'vite.config.ts'),
    server: { middlewareMode: true, ws: { server: http } },
    appType: 'spa',
  });
  return { router: vite.middlewares as RequestHandler, close: () => vite.close() };
}
