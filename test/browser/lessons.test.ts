import { describe, expect, test } from 'vitest';
import { expectAccessible } from '../support/axe.ts';
import { latestOperation, operate, Stage } from '../support/browser.ts';
import { choose, holds, Lesson } from '../support/lesson.ts';

/** Lessons of four systems, as a class of five lives through them. */
describe('a lesson with', () => {
  const stage = new Stage();

  test('MongoDB: what only the old primary has is rolled back', async () => {
    const lesson = await Lesson.begin(stage, 'mongodb');
    const { desk } = lesson;
    await desk.getByText('n1 leads').first().waitFor();
    await operate(lesson.at('n4'), 'Write', 'red');
    await latestOperation(lesson.at('n4'), /write colour = red.*ok/s);
    for (const page of lesson.everybody) await holds(page, 'red');

    // The old primary takes writes for ten more seconds, which a class must have time for.
    await lesson.pace('1/5');
    await lesson.cut();
    const [ada, grace, radia] = [lesson.at('n1'), lesson.at('n2'), lesson.at('n4')];
    await operate(grace, 'Write', 'gold');
    await choose(ada, (form) => form.getByLabel('w', { exact: true }).selectOption('1'));
    await operate(ada, 'Write', 'blue');
    await latestOperation(ada, /write colour = blue.*ok/s);
    await holds(ada, 'blue');
    await operate(radia, 'Read');
    await latestOperation(radia, /read colour.*waiting/s);

    await lesson.pace('10×');
    await latestOperation(radia, /read colour.*ok.*read red/s);
    await operate(radia, 'Write', 'green', 'motto');
    await latestOperation(radia, /write motto = green.*ok/s);
    await latestOperation(grace, /write colour = gold.*info.*Server selection timed out after 30000 ms/s);
    await operate(ada, 'Write', 'blue');
    await latestOperation(ada, /write colour = blue.*fail.*Server selection timed out after 30000 ms/s);
    await lesson.wallSays(/3 of 5 voters: a majority\. Writes are accepted/);

    await lesson.heal();
    for (const page of lesson.everybody) {
      await holds(page, 'green');
      await holds(page, 'red');
    }
    const judged = await lesson.judged();
    await judged
      .filter({ hasText: /Acknowledged write lost.*n1 wrote blue/s })
      .first()
      .waitFor();
    expect(lesson.room.complaints).toEqual([]);
  });

  test('Redis Cluster: a failover forgets what only the old master had', async () => {
    const lesson = await Lesson.begin(stage, 'redis-cluster');
    // n2 is the master of the key's slot, and n5 its replica.
    const [ada, grace] = [lesson.at('n1'), lesson.at('n2')];
    await operate(ada, 'Write', 'red');
    await latestOperation(ada, /write colour = red.*ok/s);
    await holds(lesson.at('n5'), 'red');

    // A master goes on alone for the 15 seconds of its node timeout.
    await lesson.pace('1/5');
    await lesson.isolate('n2');
    await operate(grace, 'Write', 'blue');
    await latestOperation(grace, /write colour = blue.*ok/s);
    await choose(grace, async (form) => {
      await form.getByLabel('wait').check();
      await form.getByLabel('replicas').fill('1');
      await form.getByLabel('timeout').fill('100');
    });
    await operate(grace, 'Write', 'gold');
    await latestOperation(grace, /write colour = gold.*ok.*on 0 replicas in time/s);
    await operate(ada, 'Write', 'green');
    await latestOperation(ada, /write colour = green.*waiting/s);

    await lesson.pace('10×');
    await latestOperation(ada, /write colour = green.*info.*Cluster retry deadline exceeded/s);
    await lesson.wallSays(/All 3 slot ranges are served here/);
    await operate(grace, 'Write', 'blue');
    await latestOperation(grace, /write colour = blue.*fail.*CLUSTERDOWN The cluster is down/s);
    await operate(ada, 'Read');
    await latestOperation(ada, /read colour.*ok.*read red/s);
    await operate(ada, 'Write', 'green', 'motto');
    await latestOperation(ada, /write motto = green.*ok/s);
    await holds(grace, 'gold');
    await lesson.pace('1/5');
    await expectAccessible(lesson.wall);
    await expectAccessible(grace);

    await lesson.heal();
    await lesson.pace('10×');
    await holds(grace, 'red');
    const judged = await lesson.judged();
    await judged
      .filter({ hasText: /Acknowledged write lost.*n2 wrote (blue|gold)/s })
      .first()
      .waitFor();
    expect(lesson.room.complaints).toEqual([]);
  });

  test('Cassandra: the level of each statement decides, and then the later clock', async () => {
    const lesson = await Lesson.begin(stage, 'cassandra');
    // Of the key's three replicas n1 and n2 are on one side, n4 is on the other.
    const [ada, barbara, radia] = [lesson.at('n1'), lesson.at('n3'), lesson.at('n4')];
    await operate(barbara, 'Write', 'red');
    await latestOperation(barbara, /write colour = red.*ok/s);
    for (const node of ['n1', 'n2', 'n4']) await holds(lesson.at(node), 'red');

    // For some 18 seconds nobody is sure that the others are gone.
    await lesson.pace('1/5');
    await lesson.cut();
    await operate(ada, 'Write', 'blue');
    await latestOperation(ada, /write colour = blue.*ok/s);
    await choose(barbara, (form) => form.getByLabel('consistency').selectOption('QUORUM'));
    await operate(barbara, 'Write', 'gold');
    await latestOperation(
      barbara,
      /write colour = gold.*info.*Cassandra timeout during SIMPLE write query at consistency QUORUM \(2 replica were required but only 1 acknowledged the write\)/s,
    );
    await holds(radia, 'gold');
    await operate(radia, 'Write', 'green');
    await latestOperation(radia, /write colour = green.*ok/s);

    await lesson.pace('10×');
    await lesson.inspect('n3', 'thought down', 'n1, n2');
    await operate(barbara, 'Write', 'gold');
    await latestOperation(
      barbara,
      /write colour = gold.*fail.*Not enough replica available for query at consistency QUORUM \(2 required but only 1 alive\)/s,
    );
    await choose(ada, (form) => form.getByLabel('consistency').selectOption('QUORUM'));
    await operate(ada, 'Read');
    await latestOperation(ada, /read colour.*ok.*read blue/s);
    await lesson.wallSays(/SPLIT BRAIN/);
    await lesson.pace('1/5');
    await expectAccessible(barbara);

    await lesson.heal();
    await lesson.pace('10×');
    for (const node of ['n1', 'n2', 'n4']) await holds(lesson.at(node), 'green');
    await operate(ada, 'Read');
    await latestOperation(ada, /read colour.*ok.*read green/s);
    const judged = await lesson.judged();
    await judged
      .filter({ hasText: /Stale read.*n1 read blue/s })
      .first()
      .waitFor();
    expect(lesson.room.complaints).toEqual([]);
  });

  test('CouchDB: everybody goes on, the longer history wins, and somebody merges', async () => {
    const lesson = await Lesson.begin(stage, 'couchdb');
    const [ada, grace, barbara] = [lesson.at('n1'), lesson.at('n2'), lesson.at('n3')];
    await operate(ada, 'Write', 'red');
    await latestOperation(ada, /write colour = red.*ok.*HTTP 201/s);
    for (const page of lesson.everybody) await holds(page, 'red');

    await lesson.cut();
    await operate(barbara, 'Write', 'green');
    await latestOperation(barbara, /write colour = green.*ok.*HTTP 201/s);
    await operate(barbara, 'Write', 'gold');
    await latestOperation(barbara, /write colour = gold.*ok.*HTTP 201/s);
    await operate(ada, 'Write', 'blue');
    await latestOperation(ada, /write colour = blue.*ok.*HTTP 201/s);
    await holds(grace, 'blue');
    await choose(grace, (form) => form.getByLabel('rev').fill('1-12d12d3685a423dbb20e8d32bc6731e5'));
    await operate(grace, 'Write', 'black');
    await latestOperation(grace, /write colour = black.*fail.*409.*Document update conflict/s);
    await lesson.wallSays(/SPLIT BRAIN/);

    await lesson.heal();
    await lesson.pace('10×');
    await lesson.wallSays(/CONFLICTS 1/);
    for (const page of [ada, barbara]) {
      await operate(page, 'Read');
      await latestOperation(
        page,
        /read colour.*ok.*read gold.*conflicts: 2-255953df966299b337b9b033615afff9/s,
      );
    }
    await ada.getByRole('button', { name: 'Merge' }).first().click();
    const dialog = ada.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Keep all of them' }).click();
    await expectAccessible(ada);
    await dialog.getByRole('button', { name: 'Write the merged value' }).click();
    await dialog.waitFor({ state: 'hidden' });
    for (const page of lesson.everybody) await holds(page, 'blue + gold');
    await lesson.wall.getByText(/CONFLICTS 1/).waitFor({ state: 'detached' });
    await operate(barbara, 'Read');
    await latestOperation(barbara, /read colour.*ok.*read blue \+ gold(?!.*conflicts)/s);
    const judged = await lesson.judged();
    await judged
      .filter({ hasText: /Stale read.*n[13] read gold/s })
      .first()
      .waitFor();
    expect(lesson.room.complaints).toEqual([]);
  });
});
