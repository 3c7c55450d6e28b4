// A new process of HAProxy begins with an empty list of who signed out. The commands of docs/haproxy.md carry it over; here
// they meet a list that was emptied.
import { expect, test } from 'vitest';
import { cliLine, runCli } from '../helpers/haproxy-cli';
import { startLoginHaproxy } from '../helpers/login-haproxy';
import { freePort, SUITES } from '../helpers/suite';

const LIST = '/dev///null';

test.each(SUITES)(
  'HAProxy of %s: who signed out stays out once the list is carried over, remembered or not',
  async (suite) => {
    const cli = await freePort();
    const gateway = await startLoginHaproxy(suite, { global: [cliLine(cli)] });
    const browser = await gateway.signIn();
    const copy = browser.copy();
    const ask = async (): Promise<number> => (await copy.fetch(`${gateway.origin}/app1`)).status;
    expect(await ask()).toBe(200);
    await browser.open(`${gateway.origin}/oauth2/sign_out`);
    expect(await ask()).toBe(401);
    const shown = (await runCli(cli, `show map ${LIST}`)).split('\n').map((line) => line.split(' '));
    const entries = shown.filter((words) => words.length === 4).map((words) => words.slice(1).join(' '));
    expect(entries).toEqual([expect.stringMatching(/^jti:[\w-]{22} - \d+$/)]);
    await runCli(cli, `clear map ${LIST}`);
    // As after a reload; and now it is remembered.
    expect([await ask(), await ask()]).toEqual([200, 200]);
    await runCli(cli, `add map ${LIST} <<\n${entries.join('\n')}\n`);
    await runCli(cli, `del map ${LIST} version; add map ${LIST} version 1`);
    expect(await ask()).toBe(401);
    await gateway.stop();
  },
);
