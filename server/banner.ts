import { renderUnicodeCompact } from 'uqr';

/** What the person who started the server reads: where to open a classroom, and where students come in. */
export function banner(addresses: readonly string[], port: number): string {
  const [first = `http://localhost:${port}`] = addresses;
  const open = addresses.find((address) => address.includes('//localhost:')) ?? first;
  const loopback = addresses.every((address) => /\/\/(localhost|127\.|\[::1\])/.test(address));
  const lines = [
    '',
    'Quorum Call is running.',
    '',
    `Open a classroom:  ${open}/`,
    '',
    'Students join with their code at',
    ...addresses.map((address) => `  ${address}/`),
    '',
    renderUnicodeCompact(`${first}/`, { border: 2 }),
    '',
    `listening on ${port}`,
  ];
  if (loopback) {
    lines.push('', 'Only this machine can reach these addresses. Set HOST=0.0.0.0, or join a network.');
  }
  return lines.join('\n');
}
