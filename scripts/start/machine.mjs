// Makes this machine able to run the demo: Debian's packages, the npm packages, the two artifacts.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fail } from './fail.mjs';

/** What the demo needs of Debian, and a file of each that tells whether it is there. */
const PACKAGES = {
  haproxy: ['/usr/sbin/haproxy'],
  nginx: ['/usr/sbin/nginx'],
  'libnginx-mod-http-js': ['/usr/lib/nginx/modules/ngx_http_js_module.so'],
};

const POLICY = '/usr/sbin/policy-rc.d';
const POLICY_ASIDE = '/usr/sbin/policy-rc.d.jwtverify-aside';

/** Refuses a Node that is older than package.json asks for. @param {{ engines: { node: string } }} manifest */
export function checkNode(manifest) {
  const [wantedMajor = 0, wantedMinor = 0] = manifest.engines.node.replace('>=', '').split('.').map(Number);
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < wantedMajor || (major === wantedMajor && minor < wantedMinor)) {
    fail(`Node ${wantedMajor}.${wantedMinor} or later is needed, and this is Node ${process.versions.node}`);
  }
}

/** Installs the Debian packages that are missing; without root says which. @param {(line: string) => void} say */
export async function installPackages(say) {
  const missing = Object.entries(PACKAGES)
    .filter(([, files]) => !files.some((file) => existsSync(file)))
    .map(([name]) => name);
  if (missing.length === 0) {
    return;
  }
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (!existsSync('/usr/bin/apt-get')) {
    fail(`\`${missing.join('`, `')}\` missing and this is not Debian (no apt-get): run \`docker compose up\` instead`);
  }
  if (process.getuid?.() !== 0) {
    fail(`run this once, then \`npm start\` again: sudo ${command}`);
  }
  say(`installing ${missing.join(', ')}`);
  const settings = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = ['-q', '-y', '-o', 'Dpkg::Use-Pty=0', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
  // A failed update is not the end: the lists that are there may do. (apt-get hides it: its exit code is 0.)
  const updated = await run('apt-get', [...options, 'update'], settings);
  const installed = await withoutServices(() =>
    run('apt-get', [...options, 'install', '--no-install-recommends', ...missing], settings),
  );
  if (installed.code !== 0) {
    const offline = /Failed to fetch|Could not resolve|Unable to locate/.test(updated.output + installed.output);
    fail(`\`${command}\` failed${offline ? ': is there a network?' : ''}`, installed.output || updated.output);
  }
  await keepServicesOff(missing, say);
}

/** Runs an installation that starts, stops and restarts no service of this machine (Debian's policy-rc.d). */
async function withoutServices(/** @type {() => Promise<Ended>} */ install) {
  if (existsSync(POLICY)) {
    renameSync(POLICY, POLICY_ASIDE);
  }
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    return await install();
  } finally {
    rmSync(POLICY, { force: true });
    if (existsSync(POLICY_ASIDE)) {
      renameSync(POLICY_ASIDE, POLICY);
    }
  }
}

/** A service that only the demo brought in does not start at the next boot either. */
async function keepServicesOff(/** @type {string[]} */ installed, /** @type {(line: string) => void} */ say) {
  const services = installed.filter((name) => name === 'haproxy' || name === 'nginx');
  for (const service of services) {
    // systemctl turns off the old kind of start script too.
    const [command, ...args] = existsSync('/usr/bin/systemctl')
      ? ['systemctl', 'disable', service]
      : ['update-rc.d', service, 'disable'];
    const { code, output } = await run(/** @type {string} */ (command), args, process.env);
    say(
      code === 0 ? `the system service ${service} stays off` : `could not turn off the service ${service}: ${output}`,
    );
  }
}

/** Installs the npm packages when they are missing or were only half installed. */
export async function installModules(/** @type {string} */ root, /** @type {(line: string) => void} */ say) {
  if (existsSync(`${root}/node_modules/.package-lock.json`)) {
    return;
  }
  say('npm ci');
  const ended = await run('npm', ['ci', '--no-audit', '--no-fund'], process.env, root);
  if (ended.code !== 0) {
    fail('`npm ci` failed (is there a network?)', ended.output);
  }
}

export async function build(/** @type {string} */ root, /** @type {(line: string) => void} */ say) {
  say('building');
  const ended = await run(process.execPath, ['scripts/build.mjs'], process.env, root);
  if (ended.code !== 0) {
    fail('the build failed', ended.output);
  }
}

/** @param {string} root @returns {{ engines: { node: string } }} */
export function readManifest(root) {
  return JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
}

/** @typedef {{ code: number, output: string }} Ended */

/**
 * Runs a command to its end, in a process group of its own so that Ctrl-C cannot leave a half-installed package.
 * @returns {Promise<Ended>}
 */
function run(
  /** @type {string} */ command,
  /** @type {string[]} */ args,
  /** @type {NodeJS.ProcessEnv} */ env,
  cwd = '/',
) {
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const collect = (/** @type {Buffer} */ chunk) => (output += chunk.toString());
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 128, output }));
  });
}
