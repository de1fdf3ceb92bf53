import * as v from 'valibot';
import { recall, remember } from './storage.ts';

const Recent = v.array(v.object({ code: v.string(), title: v.string(), openedAt: v.number() }));
/** A classroom that was opened in this browser. Its secret is kept by the console, not here. */
export type RecentClassroom = v.InferOutput<typeof Recent>[number];

const NAME = 'recent';
const KEPT = 8;

/** Classrooms opened in this browser, newest first. */
export function recentClassrooms(): RecentClassroom[] {
  try {
    return v.parse(Recent, JSON.parse(recall(NAME) ?? '[]'));
  } catch {
    return [];
  }
}

export function rememberClassroom(classroom: RecentClassroom): void {
  const others = recentClassrooms().filter(({ code }) => code !== classroom.code);
  remember(NAME, JSON.stringify([classroom, ...others].slice(0, KEPT)));
}

export function forgetClassroom(code: string): void {
  remember(NAME, JSON.stringify(recentClassrooms().filter((one) => one.code !== code)));
}
