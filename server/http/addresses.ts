import os from 'node:os';
import { formatRoomCode, type RoomCode } from '../../shared/classroom/room-code.ts';

/** Under which addresses this server can be reached, the most useful to a class first. */
export function serverAddresses(host: string, port: number, publicUrl: string | undefined): string[] {
  const own = publicUrl === undefined ? [] : [publicUrl];
  const everywhere = host === '0.0.0.0' || host === '::';
  if (!everywhere) return [...own, `http://${bracketed(host)}:${port}`];
  const found = Object.values(os.networkInterfaces()).flatMap((list) => list ?? []);
  const lan = found
    .filter(({ internal, family }) => !internal && family === 'IPv4')
    .map(({ address }) => address)
    .sort((a, b) => rank(a) - rank(b));
  return [...own, ...[...lan, 'localhost'].map((address) => `http://${address}:${port}`)];
}

/** The addresses at which students join. What only this machine reaches is of use only where there is nothing else. */
export function joinAddresses(addresses: readonly string[], code: RoomCode): string[] {
  const reachable = addresses.filter((address) => !address.startsWith('http://localhost:'));
  return (reachable.length > 0 ? reachable : addresses).map(
    (address) => `${address}/j/${formatRoomCode(code)}`,
  );
}

/** Home and school networks before the bridges of virtual machines, and addresses without a router last. */
function rank(address: string): number {
  if (address.startsWith('169.254.')) return 3;
  if (/^172\.(1[6-9]|2\d|3[01])\./.test(address)) return 2;
  return address.startsWith('192.168.') ? 0 : 1;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
