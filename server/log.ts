import { pino, type DestinationStream, type Logger } from 'pino';

/**
 * The server's own journal: one JSON line an event, to standard error. No line carries a name, a token, a
 * secret, a payload or an address of anybody: what is never written needs no protection and no deletion.
 */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'fatal'>;

export function createLog(level: string, destination?: DestinationStream): Log {
  // Standard output belongs to what a person at the terminal reads: addresses and the code to scan.
  return pino({ level, base: undefined }, destination ?? pino.destination({ dest: 2, sync: true }));
}

/** An error without anything that a person typed: its class, its code and where it came from. */
export function describeError(error: unknown): { error: string; code?: string; stack?: string } {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = (error as { code?: unknown }).code;
  return {
    error: `${error.name}: ${error.message.slice(0, 300)}`,
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack.split('\n').slice(1, 6).join('\n') }),
  };
}
