// `npm start`: the demo on this machine. Installs what is missing, builds, and runs the issuer, the hamster API, two
// applications behind a login, a broker and a zoo that accepts its tokens, HAProxy and nginx on 127.0.0.1 until Ctrl-C. With `--check` it tries everything itself and ends.
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { AUDIENCE, fetchTokens } from '../examples/hamsters/tries.mjs';
import * as configuration from './start/configuration.mjs';
import { fail } from './start/fail.mjs';
import * as machine from './start/machine.mjs';
import { choosePorts } from './start/ports.mjs';
import { follow, start, stop } from './start/processes.mjs';
import { checkBroker, checkTries, checkVisits, printTries } from './start/walkthrough.mjs';

const USAGE =
  'npm start -- [--check] [--haproxy-port N] [--nginx-port N] [--haproxy-login-port N] [--nginx-login-port N] ' +
  '[--issuer-port N] [--api-port N] [--apps-port N] [--broker-port N] [--zoo-port N]';
const PORT = /-port$/;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const say = (/** @type {string} */ line) => console.log(`start: ${line}`);

/** What has to be ended and removed, last first. @type {(() => unknown)[]} */
const undo = [];
let endDemo = () => {};
const ended = new Promise((resolve) => (endDemo = () => resolve(undefined)));
let interrupted = false;
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    interrupted = true;
    endDemo();
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  const failure = /** @type {Error & { plain?: boolean }} */ (error);
  if (!interrupted) {
    console.error(`start: ${failure.plain ? failure.message : failure.stack}`);
  }
  process.exitCode = interrupted ? 130 : 1;
} finally {
  while (undo.length > 0) {
    await undo.pop()?.();
  }
}

/** @returns {Promise<number>} the exit code */
async function main() {
  const options = readOptions();
  machine.checkNode(machine.readManifest(root));
  const ports = await choosePorts(options.ports);
  for (const step of [
    () => machine.installPackages(say),
    () => machine.installModules(root, say),
    () => machine.build(root, say),
  ]) {
    await step();
    stopIfInterrupted();
  }

  const secret = randomBytes(16).toString('hex');
  const cookieSecret = randomBytes(32).toString('base64');
  const demo = { root, work: makeWorkFolder(), ports, secret, cookieSecret, audience: AUDIENCE };
  await run(configuration.describeApi(demo));
  await run(configuration.describeIssuer(demo));
  await run(configuration.describeHaproxy(demo));
  undo.push(follow(configuration.nginxAccessLog(demo.work), (line) => log('nginx', line)));
  await run(configuration.describeNginx(demo));
  await run(configuration.describeApps(demo));
  await run(configuration.describeHaproxyLogin(demo));
  await run(configuration.describeNginxLogin(demo));
  await run(configuration.describeBroker(demo));
  await run(configuration.describeZoo(demo));

  const tokens = await fetchTokens(configuration.issuerUrl(demo.ports), demo.secret);
  stopIfInterrupted();
  if (options.check) {
    const wrong = (await checkTries(demo, tokens)) + (await checkVisits(demo)) + (await checkBroker(demo, tokens));
    console.log(wrong === 0 ? 'check: every answer is as promised' : `check: ${wrong} answers are not as promised`);
    return wrong === 0 ? 0 : 1;
  }
  printTries(demo, tokens);
  await ended;
  if (!interrupted) {
    fail('one of the services has ended (see above), so the demo ends');
  }
  return 0;
}

function readOptions() {
  const port = /** @type {const} */ ({ type: 'string' });
  const options = /** @type {const} */ ({
    check: { type: 'boolean', default: false },
    'haproxy-port': port,
    'nginx-port': port,
    'issuer-port': port,
    'api-port': port,
    'apps-port': port,
    'haproxy-login-port': port,
    'nginx-login-port': port,
    'broker-port': port,
    'zoo-port': port,
  });
  try {
    const { check, ...ports } = parseArgs({ options, allowPositionals: false }).values;
    const named = Object.entries(ports).map(([name, value]) => [name.replace(PORT, ''), value]);
    return { check, ports: Object.fromEntries(named) };
  } catch (error) {
    return fail(`${/** @type {Error} */ (error).message}; usage: ${USAGE}`);
  }
}

/** @param {import('./start/processes.mjs').Service} service */
async function run(service) {
  const running = await start(service, log, endDemo);
  undo.push(() => stop(running));
  stopIfInterrupted();
}

/** @param {string} name @param {string} line */
function log(name, line) {
  console.log(`${name.padEnd(7)} | ${line}`);
}

/** The proxies' workers run as other users, so they must be able to read it; of its files only the workers read the broker's key. */
function makeWorkFolder() {
  const work = mkdtempSync(join(tmpdir(), 'jwtverify-'));
  undo.push(() => rmSync(work, { recursive: true, force: true }));
  chmodSync(work, 0o755);
  return work;
}

function stopIfInterrupted() {
  if (interrupted) {
    fail('interrupted');
  }
}
