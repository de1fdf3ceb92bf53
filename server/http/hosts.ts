import { isIP } from 'node:net';
import os from 'node:os';
import type { RequestHandler } from 'express';
import type { Config } from '../config.ts';
import { sendError } from './errors.ts';

/** Says whether a request's `Host` is a name of this server. */
export type HostCheck = (host: string | undefined) => boolean;

/** Endings that no public name server may answer for (RFC 2606, 6761, 6762, 8375), and what routers use. */
const LOCAL = ['.local', '.localhost', '.test', '.home.arpa', '.internal', '.lan'];

/**
 * A page from anywhere can let its own name point at this machine and would then, for the browser, be a page of
 * this server (DNS rebinding). So a name counts that the settings give, that the machine has, or that only a
 * local network can give; and every address, which a name server has no part in.
 */
export function ownHosts(config: Pick<Config, 'HOST' | 'PUBLIC_URL' | 'ALLOWED_ORIGINS'>): HostCheck {
  const given = [config.PUBLIC_URL ?? [], config.ALLOWED_ORIGINS].flat().map((url) => new URL(url).hostname);
  const own = new Set([...given, config.HOST.toLowerCase(), os.hostname().toLowerCase()]);
  return (host) => {
    // Browsers always say it.
    if (host === undefined) return true;
    const name = nameOf(host);
    if (name === null) return false;
    const isAddress = isIP(name.replace(/^\[|\]$/g, '')) !== 0;
    return isAddress || !name.includes('.') || own.has(name) || LOCAL.some((ending) => name.endsWith(ending));
  };
}

/** Turns requests to a name of somebody else away. */
export function demandOwnHost(isOwn: HostCheck): RequestHandler {
  return (request, response, next) => {
    if (isOwn(request.headers.host)) return next();
    sendError(response, 403, 'not-allowed', 'this server does not go by that name: set PUBLIC_URL to it');
  };
}

function nameOf(host: string): string | null {
  try {
    return new URL(`http://${host}`).hostname.replace(/\.$/, '');
  } catch {
    return null;
  }
}
