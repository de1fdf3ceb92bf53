import { demand, Ended, readOne, refusal, update, wholeNumber, type Program } from './program.ts';
import type { Programs } from './application.ts';

/** What is under a key that nobody has written yet. */
export const OPENING_BALANCE = 100;
export const OPENING_STOCK = 10;

/** Counts up by one, or by `value`. */
const increment: Program = function* ({ key, value }, native) {
  const by = wholeNumber(value, 1);
  if (native(key).includes('increment')) {
    const result = yield* demand({ kind: 'increment', key, value: by });
    return { class: 'ok', result };
  }
  const count = yield* update(key, native, (before) => wholeNumber(before, 0) + by);
  return { class: 'ok', result: { value: count } };
};

/** A like is an increment by one: where that is a read and a write, likes given at the same time are lost. */
const like: Program = function* ({ key, options }, native) {
  return yield* increment({ kind: 'increment', key, ...(options === undefined ? {} : { options }) }, native);
};

/** A post or message joins the list under its key, or the set where the store has no lists. */
const say: Program = function* ({ key, value = null }, native) {
  const result = yield* demand({ kind: native(key).includes('append') ? 'append' : 'add', key, value });
  return { class: 'ok', result };
};

/**
 * Takes money from one account and gives it to another. Without a transaction these are two changes: what goes wrong
 * between them leaves the money nowhere, and nobody can tell.
 */
const transfer: Program = function* ({ key, to = key, value }, native) {
  const amount = wholeNumber(value, 0);
  if (to === key) return refusal('the two accounts are the same');
  if (amount <= 0) return refusal(`${amount} is not an amount of money`);
  yield* update(key, native, (before) => {
    const balance = wholeNumber(before, OPENING_BALANCE);
    if (balance < amount) throw new Ended(refusal(`insufficient funds: ${key} has ${balance}`));
    return balance - amount;
  });
  try {
    yield* update(to, native, (before) => wholeNumber(before, OPENING_BALANCE) + amount);
  } catch (error) {
    if (!(error instanceof Ended) || error.outcome.class === 'ok') throw error;
    return { class: 'info', error: `taken from ${key}, not given to ${to}: ${error.outcome.error}` };
  }
  return { class: 'ok', result: { value: amount } };
};

/** Takes a seat that is free. Without compare-and-set two people can find the same seat free. */
const reserve: Program = function* ({ key, value = 'somebody' }, native) {
  const taken = yield* update(key, native, (before) => {
    if (before !== null && before !== value) throw new Ended(refusal(`taken by ${String(before)}`));
    return value;
  });
  return { class: 'ok', result: { value: taken } };
};

/** Takes so many out of a stock; never more than there are, by what it has read. */
const checkout: Program = function* ({ key, value }, native) {
  const count = wholeNumber(value, 1);
  if (count <= 0) return refusal(`${count} is not a number of items`);
  const left = yield* update(key, native, (before) => {
    const stock = wholeNumber(before, OPENING_STOCK);
    if (stock < count) throw new Ended(refusal(`sold out: ${stock} left`));
    return stock - count;
  });
  return { class: 'ok', result: { value: left } };
};

/** Takes a lock by writing one's name where nobody's is. */
const lock: Program = function* ({ key, value = 'somebody' }, native) {
  const holder = yield* update(key, native, (before) => {
    if (before !== null && before !== value) throw new Ended(refusal(`held by ${String(before)}`));
    return value;
  });
  return { class: 'ok', result: { value: holder } };
};

const unlock: Program = function* ({ key }) {
  const result = yield* demand({ kind: 'delete', key });
  return { class: 'ok', result };
};

/** Where nobody is told of changes, an application looks. */
const watch: Program = function* ({ key }) {
  return { class: 'ok', result: { value: yield* readOne(key) } };
};

/** What applications make of the operations that stores do not have. */
export const programs: Programs = {
  increment,
  like,
  post: say,
  send: say,
  transfer,
  reserve,
  checkout,
  lock,
  unlock,
  watch,
};
