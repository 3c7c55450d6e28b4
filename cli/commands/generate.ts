// `jwtverify generate`: what the artifacts print while they run, from the policy alone: the same bytes for the same policy.
import { writeHaproxyConfiguration, writeNativeLines, writeSettingLines } from '../write/haproxy-configuration';
import {
  wayOf,
  writeEnvironmentLines,
  writeForwardLines,
  writeNginxConfiguration,
  type NginxSite,
} from '../write/nginx-configuration';
import { EXIT, failure } from '../desk/failure';
import { compileDeployment } from '../desk/placeholders';
import { readText } from '../ports/source';
import type { Output } from '../print/output';
import { PARTS, type Part, type Proxy } from '../write/choices';
import { checkBackend, checkListen, checkWord } from '../write/words';

export interface GenerateOptions {
  readonly part: Part;
  readonly root: string;
  readonly policyPath?: string | undefined;
  readonly module?: string | undefined;
  readonly forward: string;
  readonly listen: string;
  readonly backend: string;
  readonly resolver: string;
  readonly caFile: string;
  readonly njs: string;
  readonly authRequest?: true | undefined;
  /** A file that must have what would be printed. */
  readonly compare?: string | undefined;
  readonly json?: true | undefined;
}

const MODULES: Readonly<Record<Proxy, string>> = {
  haproxy: '/usr/local/share/haproxy/jwtverify.lua',
  nginx: '/etc/nginx/njs/jwtverify.js',
};

function siteOf(proxy: Proxy, path: string, options: GenerateOptions): NginxSite {
  const way = wayOf(options.njs);
  return {
    ...compileDeployment(path, options.root),
    policy: checkWord('--policy-path', options.policyPath ?? `/etc/${proxy}/policy.json`),
    module: checkWord('--module', options.module ?? MODULES[proxy]),
    listen: checkListen(options.listen),
    backend: checkBackend(options.backend),
    forward: checkWord('--forward', options.forward),
    resolver: checkWord('--resolver', options.resolver),
    authorities: checkWord('--ca-file', options.caFile),
    way: way === 'access' && options.authRequest === true ? 'subrequest' : way,
  };
}

const lines = (written: readonly string[]): string => written.map((line) => `${line}\n`).join('');

function write(proxy: Proxy, path: string, options: GenerateOptions): string {
  const { part } = options;
  if (!PARTS[proxy].includes(part))
    throw failure(`--part ${part} is not for ${proxy}; it has ${PARTS[proxy].join(', ')}`);
  const site = siteOf(proxy, path, options);
  if (part === 'forward') return writeForwardLines(site.settings, site.way);
  if (part === 'native-keys') return lines(writeNativeLines(site.settings));
  if (part === 'env') return proxy === 'nginx' ? writeEnvironmentLines(site) : lines(writeSettingLines(site));
  return proxy === 'nginx' ? writeNginxConfiguration(site) : writeHaproxyConfiguration(site);
}

function compare(path: string, written: string, output: Output): number {
  const file = readText(path);
  if (!file.ok) throw failure(`${path}: ${file.problem}`);
  if (file.text === written) return EXIT.fine;
  const [own, other] = [written.split('\n'), file.text.split('\n')];
  const line = own.findIndex((text, index) => text !== other[index]);
  output.error(
    `${path}: is not what the policy says, from line ${String((line < 0 ? own.length : line) + 1)} on; generate it again`,
  );
  return EXIT.failure;
}

/** @returns the exit code */
export function generate(proxy: Proxy, path: string, options: GenerateOptions, output: Output): number {
  const written = write(proxy, path, options);
  if (options.compare !== undefined) return compare(options.compare, written, output);
  if (options.json === true) output.json({ proxy, part: options.part, text: written });
  else output.text(written);
  return EXIT.fine;
}
