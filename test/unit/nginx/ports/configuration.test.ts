import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readNginxConf } from '../../../../nginx/ports/configuration';
import { findGaps } from '../../../../nginx/operate/configuration-gaps';
import { findOpenLocations } from '../../../../nginx/operate/open-locations';

const WIRED = 'set $jwtverify_forward "abc";\nproxy_set_header X-User "";\n';

describe('the locations without the lines', () => {
  let directory: string;
  const write = (name: string, text: string): string => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return path;
  };
  const gapsOf = (server: string): readonly string[] =>
    findGaps(readNginxConf(write('nginx.conf', `events {}\nhttp {\n  server {\n${server}\n  }\n}\n`)));

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'nginx-conf-'));
    mkdirSync(join(directory, 'sites'));
    write('forward.conf', WIRED);
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  test('S7: are those that hand requests on, in a server that has the lines somewhere', () => {
    const included = 'location / { include forward.conf; proxy_pass http://a; }';
    expect(gapsOf(included)).toEqual([]);
    expect(gapsOf(`${included} location @b { proxy_pass http://b; }`)).toEqual(['@b']);
    expect(gapsOf(`${included} location ~ "\\.ph{1}p$" { fastcgi_pass unix:/p; }`)).toEqual(['~ \\.ph{1}p$']);
    expect(gapsOf(`${included} location /a { include forward.conf; location /a/b { grpc_pass b; } }`)).toEqual([
      '/a/b',
    ]);
    expect(gapsOf('location @b { proxy_pass http://b; }')).toEqual([]);
  });

  test('S7: are none that nginx asks itself, answer themselves, or are commented out', () => {
    const included = 'location / { include forward.conf; proxy_pass http://a; }';
    expect(gapsOf(`${included} location = /_ask { internal; proxy_pass http://b; }`)).toEqual([]);
    expect(gapsOf(`${included} location = /keys { proxy_pass_request_headers off; proxy_pass http://b; }`)).toEqual([]);
    expect(gapsOf(`${included} location /x { return 200 "proxy_pass http://b; }"; }`)).toEqual([]);
    expect(gapsOf(`${included} # location @b { proxy_pass http://b; }`)).toEqual([]);
    expect(gapsOf(`${included} location @c { include forward.conf; proxy_pass http://\${host}; }`)).toEqual([]);
  });

  test('S7: are found in included files, by their names and by patterns', () => {
    write(
      'sites/one.conf',
      'server { location / { include forward.conf; proxy_pass http://a; } location @one { proxy_pass http://b; } }',
    );
    write('sites/two.off', 'server { location / { include forward.conf; } location @two { proxy_pass http://b; } }');
    const all = (include: string): readonly string[] =>
      findGaps(readNginxConf(write('nginx.conf', `http { ${include} }`)));
    expect(all('include sites/*.conf;')).toEqual(['@one']);
    expect(all('include sites/t*o.*;')).toEqual(['@two']);
    expect(all(`include ${join(directory, 'sites')}/*;`)).toEqual(['@one', '@two']);
    expect(all('include sites/none-*.conf;')).toEqual([]);
    expect(() => all('include sites/missing.conf;')).toThrow();
  });
});

describe('open locations beside judged ones', () => {
  const openOf = (http: string): readonly string[] => {
    const directory = mkdtempSync(join(tmpdir(), 'nginx-open-'));
    const path = join(directory, 'nginx.conf');
    writeFileSync(path, `events {}\nhttp {\n${http}\n}\n`);
    const found = findOpenLocations(readNginxConf(path));
    rmSync(directory, { recursive: true });
    return found;
  };
  const judged = 'location / { auth_request /_j; proxy_pass http://a; }';

  test.each([
    ['beside auth_request', `server { ${judged} location /p/ { proxy_pass http://a; } }`, ['/p/']],
    [
      'beside js_access',
      'server { location / { js_access j.a; proxy_pass http://a; } location /p { proxy_pass http://a; } }',
      ['/p'],
    ],
    [
      'below auth_request of the server',
      'server { auth_request /_j; location / { proxy_pass http://a; } location = /p { auth_request off; proxy_pass http://a; } }',
      ['= /p'],
    ],
    [
      'below auth_request of http',
      'auth_request /_j; server { location / { proxy_pass http://a; } location ~ ^/p { auth_request off; proxy_pass http://a; } }',
      ['~ ^/p'],
    ],
    [
      'within an open one',
      `server { ${judged} location /p { auth_request off; return 204; location /p/q { proxy_pass http://a; } } }`,
      ['/p/q'],
    ],
  ])('S2: are named %s', (_what, http, expected) => {
    expect(openOf(http)).toEqual(expected);
  });

  test.each([
    ['with a path', `server { ${judged} location /p/ { proxy_pass http://a/p/; } }`],
    ['with another backend', `server { ${judged} location /p/ { proxy_pass http://b; } }`],
    ['in another server', `server { ${judged} } server { location / { proxy_pass http://a; } }`],
    [
      'that only nginx asks',
      `server { ${judged} location = /_q { internal; proxy_pass http://a; } location @n { proxy_pass http://a; } }`,
    ],
    [
      'within a judged one',
      'server { location / { auth_request /_j; proxy_pass http://a; location /p { proxy_pass http://a; } } }',
    ],
  ])('S2: are not named %s', (_what, http) => {
    expect(openOf(http)).toEqual([]);
  });
});
