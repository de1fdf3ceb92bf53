import * as v from 'valibot';

/** A setting that is wrong; the message names its key and what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** A whole number as an environment variable has it: `64 kb`, `1e3` or nothing at all must not become a limit. */
function Whole(fallback: number, min: number, max: number) {
  return v.pipe(
    v.optional(v.string(), String(fallback)),
    v.regex(/^\d{1,12}$/, `must be a whole number from ${min} to ${max}`),
    v.transform(Number),
    v.minValue(min, `must be a whole number from ${min} to ${max}`),
    v.maxValue(max, `must be a whole number from ${min} to ${max}`),
  );
}

const Address = v.pipe(
  v.string(),
  v.check((text) => originOf(text) !== null, 'must be addresses such as https://class.example'),
  v.transform((text) => originOf(text) ?? text),
);

const Environment = v.object({
  /** 0 takes a free port and prints it. */
  PORT: Whole(3000, 0, 65_535),
  /** All interfaces: students come over the LAN. */
  HOST: v.pipe(
    v.optional(v.string(), '0.0.0.0'),
    v.regex(/^[A-Za-z0-9.:_-]+$/, 'must be a host name or an address'),
  ),
  DATA_DIR: v.pipe(v.optional(v.string(), './data'), v.minLength(1, 'must name a folder')),
  LOG_LEVEL: v.optional(
    v.picklist(
      ['debug', 'info', 'warn', 'error', 'silent'],
      'must be one of debug, info, warn, error, silent',
    ),
    'warn',
  ),
  /** Where students reach this server when it stands behind another one; else the LAN addresses are shown. */
  PUBLIC_URL: v.optional(Address),
  /** Other origins whose pages may connect. The server's own pages always may. */
  ALLOWED_ORIGINS: v.pipe(
    v.optional(v.string(), ''),
    v.transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    ),
    v.array(Address),
  ),
  /** How many proxies in front add to X-Forwarded-For; 0 believes the header of nobody. */
  TRUSTED_PROXIES: Whole(0, 0, 10),
  /** Larger clusters fold slower than a laptop can show them at real pace. */
  MAX_NODES: Whole(300, 1, 1000),
  /** Classrooms in memory at once; each holds a world. */
  MAX_CLASSROOMS: Whole(200, 1, 10_000),
  /** A school is one address: generous, against scripts only. */
  CREATE_PER_HOUR: Whole(60, 1, 1_000_000),
  /** Wrong room codes a minute from one address before it has to wait. */
  FAILED_CODES_PER_MINUTE: Whole(30, 1, 1_000_000),
  /** No further classroom is opened while the 99th percentile of the event loop's lateness is beyond this. */
  LAG_MAX_MS: Whole(500, 50, 600_000),
  /** How long recordings are kept; 0 deletes them when they are an hour old. */
  RETENTION_DAYS: Whole(30, 0, 365),
  /** With the time-out below: how soon a browser that went without a word counts as gone. */
  PING_INTERVAL_MS: Whole(10_000, 50, 60_000),
  PING_TIMEOUT_MS: Whole(10_000, 50, 60_000),
  /** A reload takes a second or two: nobody should see it. */
  AWAY_AFTER_MS: Whole(2000, 0, 600_000),
  /** How long a lost browser's seat is kept when it had not yet said that it stored its token. */
  UNCONFIRMED_AFTER_MS: Whole(30_000, 0, 600_000),
  /** Further time until a lost browser's node is paused or crashed, where the class has it so. */
  LOSS_AFTER_MS: Whole(5000, 0, 600_000),
  /** Time stands when nobody has been there for so long: an idle recording must not grow. */
  IDLE_AFTER_MS: Whole(60_000, 0, 86_400_000),
  /** A classroom that nobody has looked at for so long leaves memory; its code brings it back. */
  UNLOAD_AFTER_MS: Whole(600_000, 0, 86_400_000),
});

export type Config = {
  readonly [K in keyof v.InferOutput<typeof Environment>]: v.InferOutput<typeof Environment>[K];
};

/** Reads the settings. Throws ConfigError naming the key. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given: Record<string, string> = {};
  for (const key of Object.keys(Environment.entries)) {
    const value = environment[key];
    // `PORT=` in a file of settings means that it is not set.
    if (value !== undefined && value !== '') given[key] = value;
  }
  const result = v.safeParse(Environment, given);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new ConfigError(`${String(issue.path?.[0].key)}: ${issue.message}`);
}

function originOf(text: string): string | null {
  try {
    const { origin, protocol } = new URL(text);
    return protocol === 'http:' || protocol === 'https:' ? origin : null;
  } catch {
    return null;
  }
}
