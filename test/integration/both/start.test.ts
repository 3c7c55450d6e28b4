// `npm start`, on a fresh Debian machine with Node and nothing else: its own installation, the real provider, both proxies.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { makeFreshMachine, replaceIn, suiteForNode, type Command, type FreshMachine } from '../helpers/fresh-machine';
import { freePort, request, runIn } from '../helpers/suite';

const OWN_POLICY = '#!/bin/sh\n# the policy of this machine\nexit 0\n';
const MINUTES = 60_000;

const SUITE = suiteForNode();

describe('npm start on a fresh machine', { concurrent: false }, () => {
  let machine: FreshMachine;

  beforeAll(() => {
    machine = makeFreshMachine(SUITE);
    writeFileSync(join(machine.root, 'usr/sbin/policy-rc.d'), OWN_POLICY, { mode: 0o755 });
  }, 8 * MINUTES);
  afterAll(() => {
    machine.remove();
  });

  const demoFolders = () => readdirSync(join(machine.root, 'tmp')).filter((name) => name.startsWith('jwtverify-'));

  test('says exactly what to install to a user who is not root', async () => {
    const command = machine.start('nobody', ['npm', 'start', '--silent']);
    expect(await command.exitCode).toBe(1);
    expect(command.output()).toBe(
      'start: run this once, then `npm start` again: ' +
        'sudo apt-get install --no-install-recommends haproxy nginx libnginx-mod-http-js\n',
    );
  });

  test(
    'installs what is missing as root, builds, and every answer is as promised, with 200, 201, 401 and 403 among them',
    async () => {
      const command = machine.start('root', ['npm', 'start', '--', '--check']);
      const code = await command.exitCode;
      expect(command.output()).toContain('check: every answer is as promised');
      expect(code).toBe(0);
      for (const proxy of ['HAProxy', 'nginx']) {
        // Document 003's applications behind a login.
        for (const visit of ['test /app1/?hamster=turbo: 200', 'test /app2/: 403', 'test2 /app2/: 200']) {
          expect(command.output()).toContain(`check: ok    ${proxy} ${visit}`);
        }
        for (const status of [200, 201, 401, 403]) {
          expect(command.output()).toMatch(
            new RegExp(`check: ok +${proxy} [A-Z]+ /api/hamsters\\S*: ${String(status)} `),
          );
        }
      }
      // Document 004: one proxy mints, the other accepts it by discovery.
      for (const answer of ['broker test: 200', 'POST by none: 401', 'POST by person: 201', 'POST by keeper: 401']) {
        expect(command.output()).toContain(`check: ok    ${answer.startsWith('POST') ? 'zoo ' : ''}${answer}`);
      }
      expect(demoFolders()).toEqual([]);
    },
    8 * MINUTES,
  );

  test('leaves the services of the machine off, and its policy for services as it was', () => {
    expect(readFileSync(join(machine.root, 'usr/sbin/policy-rc.d'), 'utf8')).toBe(OWN_POLICY);
    const levels = ['2', '3', '4', '5'].flatMap((level) => readdirSync(join(machine.root, `etc/rc${level}.d`)));
    expect(levels).toContain('K01nginx');
    expect(levels.filter((name) => /^S\d+(haproxy|nginx)$/.test(name))).toEqual([]);
  });

  test(
    'works without root once all is installed: each printed curl line answers what it says, and Ctrl-C ends everything',
    async () => {
      machine.giveProjectToNobody();
      const command = machine.start('nobody', ['npm', 'start']);
      onTestFinished(() => {
        command.signal('SIGTERM');
      });
      await waitForOutput(command, 'Ctrl-C ends everything');
      const lines = command.output().split('\n');
      const tokens = lines.filter((line) => /^(TOKEN|VISITOR)=/.test(line));
      expect(tokens).toHaveLength(2);
      const tries = lines.filter((line) => line.startsWith('curl -i '));
      expect(tries).toHaveLength(14);
      const ports = new Set<number>();
      for (const line of tries) {
        const [, shell = '', status = ''] = /^(.*?) +# (\d{3}): /.exec(line) ?? [];
        const asked = shell.replace('curl -i', "curl -s -o /dev/null -w '%{http_code}'");
        const answer = await runIn(SUITE, ['sh', '-c', [...tokens, asked].join('\n')]);
        expect(`${asked} ${answer.output}`).toBe(`${asked} ${status}`);
        ports.add(Number(/127\.0\.0\.1:(\d+)/.exec(shell)?.[1]));
      }
      expect(ports.size).toBe(2);
      // What the services log holds no token; what the person is shown above that line does.
      const secrets = tokens
        .map((line) => line.slice(line.indexOf('=') + 1))
        .flatMap((token) => token.split('.').slice(1));
      // nginx logs into a file that is followed: its lines come a little later.
      await waitForOutput(command, 'nginx   | ');
      const logs = command.output().slice(command.output().indexOf('Ctrl-C ends everything'));
      expect(logs).toContain('haproxy | ');
      expect(logs).toContain('nginx   | ');
      expect(secrets.filter((secret) => logs.includes(secret))).toEqual([]);

      command.signal('SIGINT');
      await command.exitCode;
      for (const port of ports) {
        await expect(request({ port, path: '/health' })).rejects.toThrow('ECONNREFUSED');
      }
      expect(demoFolders()).toEqual([]);
    },
    3 * MINUTES,
  );

  test('fails in one sentence when a port that was asked for is taken', async () => {
    const port = await freePort();
    const server = createServer().listen(port, '127.0.0.1');
    onTestFinished(() => {
      server.close();
    });
    const command = machine.start('nobody', [
      'npm',
      'start',
      '--silent',
      '--',
      '--check',
      '--nginx-port',
      String(port),
    ]);
    expect(await command.exitCode).toBe(1);
    expect(command.output()).toBe(`start: \`--nginx-port ${String(port)}\`: the port is taken, or not yours to use\n`);
    expect(demoFolders()).toEqual([]);
  });

  test.each([
    [['--haproxy-port', '99999'], '`--haproxy-port 99999` is not a port'],
    [['--haproxy-port', '9000', '--nginx-port', '9000'], '`--nginx-port 9000`: the port is taken'],
    [['--chekc'], "Unknown option '--chekc'"],
  ])('refuses the options %j in one sentence', async (options, sentence) => {
    const command = machine.start('nobody', ['npm', 'start', '--silent', '--', ...options]);
    expect(await command.exitCode).toBe(1);
    expect(command.output()).toContain(`start: ${sentence}`);
    expect(command.output()).not.toContain('    at ');
  });

  test(
    '--check fails when an answer is not as promised',
    async () => {
      const configuration = join(machine.root, 'srv/jwtverify/haproxy/haproxy.cfg');
      replaceIn(configuration, ',lua.oauth_has(write:hamsters) -m bool', ' -m found');
      const command = machine.start('nobody', ['npm', 'start', '--', '--check']);
      expect(await command.exitCode).toBe(1);
      expect(command.output()).toMatch(/check: WRONG HAProxy DELETE \S+ 200, and 403 was promised/);
      expect(command.output()).not.toContain('check: every answer is as promised');
    },
    3 * MINUTES,
  );
});

async function waitForOutput(command: Command, text: string): Promise<void> {
  const ended = command.exitCode.then(() => true);
  const soon = () => new Promise<false>((done) => setTimeout(done, 100, false));
  while (!command.output().includes(text)) {
    if (await Promise.race([ended, soon()])) {
      throw new Error(`it ended without saying \`${text}\`:\n${command.output()}`);
    }
  }
}
