// Where a document has a token in the query, its configurations send the backend the rest, and log the path alone.
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const FILES = [
  'README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

interface Block {
  readonly title: string;
  readonly language: string;
  readonly text: string;
}

/** Whether a token may be in the query: a place of a policy, of the environment, or the variable of what is left. */
function namesQuery(text: string): boolean {
  return /\{\s*"query":/.test(text) || /OAUTH_TOKEN_FROM[= ]\S*query:/.test(text) || text.includes('$jwtverify_uri');
}

/** The blocks of each section, with the title of the section. */
function sectionsOf(file: string): readonly (readonly Block[])[] {
  return readFileSync(file, 'utf8')
    .split(/^(?=#{2,4} )/m)
    .map((section) =>
      [...section.matchAll(/^```(\S*)[^\n]*\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
        title: `${file}, ${section.split('\n')[0] ?? ''}`,
        language,
        text,
      })),
    );
}

/** Every configuration in whose section a token may be in the query. */
const BLOCKS = FILES.flatMap(sectionsOf)
  .filter((blocks) => blocks.some(({ text }) => namesQuery(text)))
  .flat();
const OF_NGINX = BLOCKS.filter(({ language }) => language === 'nginx');
const OF_HAPROXY = BLOCKS.filter(({ language }) => language === 'haproxy');

/** The lines of nginx that would send a backend the query as the client wrote it, or write it down. */
function leaksOf(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim());
  const sends = lines.filter((line) => /^(?:proxy|grpc|fastcgi|uwsgi|scgi)_pass /.test(line));
  const whole = sends.filter((line) => !/^proxy_pass http:\/\/\w+\$jwtverify_uri;$/.test(line));
  const hasParameters =
    /_param QUERY_STRING \$jwtverify_args;/.test(text) && /_param REQUEST_URI \$jwtverify_uri;/.test(text);
  const undeclared = /^\s*js_var \$jwtverify_uri\b/m.test(text) ? [] : ['no js_var $jwtverify_uri'];
  const logged = lines.filter((line) => /^log_format .*\$(?:request|request_uri|args|query_string)\b(?!_)/.test(line));
  return [...(hasParameters ? [] : whole), ...undeclared, ...logged];
}

describe('documented configurations with a token in the query', () => {
  test('there are some for both proxies', () => {
    expect(OF_NGINX.length).toBeGreaterThan(1);
    expect(OF_HAPROXY.length).toBeGreaterThan(0);
  });

  test.each(OF_NGINX)('$title: every backend of nginx gets $jwtverify_uri, and no log the query', ({ text }) => {
    expect(leaksOf(text)).toEqual([]);
  });

  test.each(OF_HAPROXY)('$title: no log of HAProxy has the query', ({ text }) => {
    expect(text.match(/option httplog|%r\b|%HU|%HQ|\b(?:url|query|pathq)\b/g) ?? []).toEqual([]);
    expect(text).toMatch(/log-format ".*%HP /);
  });

  test('what leaks is found', () => {
    const good = OF_NGINX[0]?.text ?? '';
    expect(leaksOf(good.replace('$jwtverify_uri;', ';'))).toEqual(['proxy_pass http://apiservers;']);
    expect(leaksOf(good.replace('$jwtverify_uri;', '$request_uri;'))).toHaveLength(1);
    expect(leaksOf(good.replaceAll(/js_var \$jwtverify_uri.*;/g, ''))).toEqual(['no js_var $jwtverify_uri']);
    expect(leaksOf(`${good}\nlog_format api '$request $status';`)).toHaveLength(1);
    expect(leaksOf(`${good}\nlog_format api '$request_method $status';`)).toEqual([]);
    expect(leaksOf(`${good}\nfastcgi_pass 127.0.0.1:9000;`)).toHaveLength(1);
  });
});
