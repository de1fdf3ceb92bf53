import { readFileSync } from 'node:fs';

/** Ends a program with a message and an exit status: 1 what was looked at is wrong, 2 it was asked wrongly. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
  readonly status: 1 | 2;

  constructor(status: 1 | 2, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Runs a command-line program. What it returns is printed as JSON on standard output; when it throws, the
 * message goes to standard error and standard output stays empty.
 */
export function runProgram(work: (args: string[]) => unknown): void {
  try {
    const result = work(process.argv.slice(2));
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = error.status;
  }
}

/** A file named on the command line, as text. */
export function readInput(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ProgramError(2, `${file}: ${reasonOf(error)}`);
  }
}

/** Why the machine refused, in words for the common cases. */
export function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file',
    EISDIR: 'is a folder',
    EACCES: 'may not be opened',
    ENOSPC: 'there is no space left',
  };
  return words[code] ?? (error instanceof Error ? error.message : String(error));
}
