import type { Table } from '../../../base/table.ts';
import type { DriverOutput, DriverShape } from '../../../sim/driver.ts';
import type { NodeId, Operation, Result } from '../../../sim/operation.ts';
import type { Command } from '../../store.ts';
import type { ToolState } from './redis-cli-calls.ts';
import type { Reply, Request, Service } from './requests.ts';

export interface JedisDriverShape extends DriverShape {
  readonly knobs: object;
  readonly state: JedisDriverState;
  readonly timer: `socket-${string}` | `sleep-${string}` | `tool-${string}`;
  readonly request: Request;
  readonly reply: Reply;
}

export type JedisOutput = DriverOutput<JedisDriverShape>;

export type JedisDriverState = {
  readonly self: NodeId;
  requests: number;
  /** The slot cache: by range, who serves it, and by slot for those that were moved by themselves. */
  services: readonly Service[];
  apart?: Readonly<Table<Service>>;
  /** Operations under way, by id. */
  readonly open: Table<OpenOperation>;
  /** What an administrator's tool does at this node, where one is at work. */
  tools?: Table<ToolState>;
  /** Where some machines are spare: those that are not. */
  readonly contacts?: readonly NodeId[];
};

export type OpenOperation = {
  readonly operation: Operation;
  readonly command: Command;
  /** No more attempts after this, by the node's clock. */
  readonly deadline: number;
  attemptsLeft: number;
  /** Connection failures in a row. */
  failures: number;
  redirect: NodeId | null;
  /** The redirection was ASK: it is followed by ASKING, and says nothing of where the slot is. */
  isAsked?: true;
  /** What is awaited: an answer to the command, a new slot cache, the end of a pause, or replicas. */
  stage: 'command' | 'renew' | 'sleep' | 'wait';
  /** The request whose answer is awaited, and of whom. Answers to others come over connections that were closed. */
  request: number;
  asked: NodeId;
  /** What the command returned, while WAIT goes on. */
  result: Result;
  /** Whether an attempt without an answer may have changed something. */
  isDoubtful: boolean;
};
