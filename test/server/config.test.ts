import { expect, test } from 'vitest';
import { ConfigError, readConfig } from '../../server/config.ts';

test('without any setting the defaults hold', () => {
  expect(readConfig({})).toMatchObject({
    PORT: 3000,
    HOST: '0.0.0.0',
    DATA_DIR: './data',
    RETENTION_DAYS: 30,
  });
  expect(readConfig({ PORT: '', LOG_LEVEL: '' })).toMatchObject({ PORT: 3000, LOG_LEVEL: 'warn' });
  expect(readConfig({ ALLOWED_ORIGINS: 'https://a.example, https://b.example/' }).ALLOWED_ORIGINS).toEqual([
    'https://a.example',
    'https://b.example',
  ]);
});

const wrong: readonly (readonly [key: string, value: string])[] = [
  ...['NaN', '64 kb', '-1', '1e3', '65536', '3000.5', ' 3000', '0x10', 'http', '٣'].map(
    (value) => ['PORT', value] as const,
  ),
  ['HOST', 'http://0.0.0.0'],
  ['HOST', 'a b'],
  ['LOG_LEVEL', 'verbose'],
  ['LOG_LEVEL', 'WARN'],
  ['PUBLIC_URL', 'class.example'],
  ['PUBLIC_URL', 'ftp://class.example'],
  ['PUBLIC_URL', 'javascript:alert(1)'],
  ['ALLOWED_ORIGINS', '*'],
  ['ALLOWED_ORIGINS', 'https://ok.example,evil'],
  ['TRUSTED_PROXIES', 'true'],
  ['MAX_NODES', '0'],
  ['MAX_NODES', '1001'],
  ['MAX_CLASSROOMS', '0'],
  ['CREATE_PER_HOUR', '0'],
  ['FAILED_CODES_PER_MINUTE', 'none'],
  ['RETENTION_DAYS', '366'],
  ['RETENTION_DAYS', 'never'],
  ['PING_INTERVAL_MS', '10'],
  ['PING_TIMEOUT_MS', '10s'],
  ['AWAY_AFTER_MS', 'Infinity'],
  ['IDLE_AFTER_MS', '99999999999'],
];

test.each(wrong)('[K6] %s=%s is refused by name', (key, value) => {
  expect(() => readConfig({ [key]: value })).toThrow(ConfigError);
  expect(() => readConfig({ [key]: value })).toThrow(new RegExp(`^${key}: must be `));
});
