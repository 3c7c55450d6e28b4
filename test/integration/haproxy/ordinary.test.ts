// HAProxy starts with configurations in the shape of public ones, and with none of them once a line of its guard is gone.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeCertificates } from '../helpers/certificates';
import { checkHaproxy, type HaproxyOptions } from '../helpers/haproxy-server';
import { SUITES } from '../helpers/suite';

const FOLDER = join(import.meta.dirname, 'ordinary');
const NAMES = readdirSync(FOLDER).map((name) => name.replace(/\.cfg$/, ''));
/** The end of each line without which requests would pass that nobody judged. */
const GUARD = ' # guard';

const HEAD = `global
  lua-load-per-thread DIRECTORY/jwtverify.lua
  setenv OAUTH_ISSUER https://issuer.example
  setenv OAUTH_AUDIENCE https://api.example
  setenv OAUTH_HMAC_SECRET "a secret of thirty-two characters"

defaults
  mode http
  log global
  timeout connect 5s
  timeout client 30s
  timeout server 30s

`;

const FILES: Readonly<Record<string, string>> = {
  'blocked.lst': '198.51.100.0/24\n',
  'agents.lst': 'scraper\n',
  'keys.lst': 'not-a-secret\n',
  'hosts.map': 'api.example apiservers\n',
  'open.map': 'www.example yes\n',
  'paths.map': '/api apiservers\n',
  'sorry.html': '<h1>Back soon</h1>\n',
  'error.http': 'HTTP/1.0 403 Forbidden\r\nContent-Type: text/plain\r\n\r\nno\n',
};

let certificate = '';

function optionsFor(lines: readonly string[]): HaproxyOptions {
  const files = { ...FILES, 'site.pem': certificate };
  return { configuration: HEAD + lines.join('\n'), files, isCheckedByItself: true };
}

beforeAll(async () => {
  const { cert, key } = await makeCertificates();
  certificate = cert + key;
});

describe.each(SUITES)('HAProxy of %s', (suite) => {
  test.each(NAMES)(
    'S1: starts with an ordinary configuration, and never without a line of its guard: %s',
    async (name) => {
      const lines = readFileSync(join(FOLDER, `${name}.cfg`), 'utf8').split('\n');
      const whole = await checkHaproxy(suite, optionsFor(lines));
      expect([whole.code, whole.output]).toEqual([0, expect.not.stringContaining('jwtverify:')]);
      const guards = lines.flatMap((line, place) => (line.endsWith(GUARD) ? [place] : []));
      expect(guards).not.toEqual([]);
      for (const guard of guards) {
        const { code, output } = await checkHaproxy(suite, optionsFor(lines.filter((_, place) => place !== guard)));
        expect([code, output]).toEqual([
          1,
          expect.stringMatching(/jwtverify: \S+haproxy\.cfg:\d+: `http-request lua\.jwt\w+` has no check below it/),
        ]);
      }
    },
  );
});
