import { describe, expect, test } from 'vitest';
import type { Side } from '../../shared/sim/command.ts';
import { Network } from '../../shared/sim/network.ts';
import { World } from '../../shared/sim/world.ts';
import { notesOf, operate, toySetup } from '../support/toy.ts';

const n1: Side = { nodes: ['n1'] };
const n2: Side = { nodes: ['n2'] };

function network(channel: 'stream' | 'datagram', delay = 10, jitter = 20): Network {
  return new Network(['n1', 'n2', 'n3'], {}, { delay, jitter }, channel, 99);
}

/** When 10,000 messages from n1 to n2, one sent each millisecond, arrive. */
function arrivals(net: Network, count = 10_000): (number | string)[] {
  return Array.from({ length: count }, (_, now) => {
    const fate = net.send(0, 1, now + 1, 'replicas', now);
    return typeof fate === 'string' ? fate : (fate[0] ?? 'nowhere');
  });
}

describe('order', () => {
  test('a stream delivers in the order sent, however the delay varies', () => {
    const times = arrivals(network('stream'));
    expect(times.every((at, i) => i === 0 || Number(at) >= Number(times[i - 1]))).toBe(true);
  });

  test('a datagram arrives after its own delay, so that some overtake others', () => {
    const times = arrivals(network('datagram'));
    const waits = times.map((at, sent) => Number(at) - sent);
    expect([Math.min(...waits), Math.max(...waits)]).toEqual([10, 30]);
    expect(times.some((at, i) => i > 0 && Number(at) < Number(times[i - 1]))).toBe(true);
  });

  test('a stream keeps its order when the link becomes faster', () => {
    const world = new World(toySetup({ nodes: 2, delay: 100 }));
    world.apply(operate('n1', 'write', 'first'));
    world.advance(10);
    world.apply({ kind: 'link', from: n1, to: n2, oneWay: true, delay: 1 });
    world.apply(operate('n1', 'write', 'second'));
    world.advance(200);
    expect(notesOf(world, 'n2').map((note) => note.replace(/ \d+$/, ''))).toEqual([
      '0 start',
      '100 n1: value 0first',
      '100 n1: value 0second',
    ]);
  });
});

describe('chance', () => {
  test('jitter is spread evenly', () => {
    const counts = new Array<number>(21).fill(0);
    arrivals(network('datagram'), 21_000).forEach((at, sent) => {
      const extra = Number(at) - sent - 10;
      counts[extra] = (counts[extra] ?? 0) + 1;
    });
    // 1000 expected of each with a standard deviation of 31: five of them either way.
    expect(Math.min(...counts)).toBeGreaterThan(845);
    expect(Math.max(...counts)).toBeLessThan(1155);
  });

  test.each([10_000, 300_000, 990_000])('%i in a million messages are lost', (loss) => {
    const net = network('stream');
    net.apply({ kind: 'link', from: n1, to: n2, oneWay: true, loss }, 0, () => null);
    const lost = arrivals(net, 20_000).filter((fate) => fate === 'loss').length;
    const expected = loss / 50;
    const deviation = Math.sqrt(expected * (1 - loss / 1_000_000));
    expect(Math.abs(lost - expected)).toBeLessThan(5 * deviation);
  });

  test('a link that loses everything, and one that loses nothing', () => {
    const net = network('stream');
    net.apply({ kind: 'link', from: n1, to: n2, oneWay: true, loss: 1_000_000 }, 0, () => null);
    expect(new Set(arrivals(net, 1000))).toEqual(new Set(['loss']));
    net.apply({ kind: 'link', from: n1, to: n2, oneWay: true, loss: 0 }, 0, () => null);
    expect(arrivals(net, 1000)).not.toContain('loss');
  });

  test('a duplicated message arrives twice and counts twice', () => {
    const world = new World(toySetup({ nodes: 2, channel: 'datagram', jitter: 30 }));
    world.apply({ kind: 'link', from: n1, to: n2, oneWay: true, duplication: 1_000_000 });
    world.apply(operate('n1', 'write', 'red'));
    world.advance(100);
    expect(notesOf(world, 'n2')).toHaveLength(3);
    expect(world.counts).toMatchObject({ sent: 2, delivered: 2 });
  });

  test.each([50_000, 500_000])('%i in a million messages are doubled', (duplication) => {
    const net = network('datagram');
    net.apply({ kind: 'link', from: n1, to: n2, oneWay: true, duplication }, 0, () => null);
    let doubled = 0;
    for (let number = 1; number <= 20_000; number++)
      if (net.send(0, 1, number, 'replicas', 0).length === 2) doubled++;
    const expected = duplication / 50;
    expect(Math.abs(doubled - expected)).toBeLessThan(5 * Math.sqrt(expected));
  });

  test('what becomes of a message depends on sender, receiver and number alone', () => {
    const busy = network('datagram');
    const idle = network('datagram');
    for (let number = 1; number < 500; number++) busy.send(2, 0, number, 'replicas', number);
    expect(arrivals(busy, 500)).toEqual(arrivals(idle, 500));
  });
});
