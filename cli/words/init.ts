// The words of `jwtverify init`.
import type { Command } from 'commander';
import type { InitOptions } from '../commands/init';
import type { ProxyName } from '../ports/proxies';
import type { Output } from '../print/output';
import { addExamples, collect, jsonOption, proxyArgument } from './options';

export function addInit(program: Command, output: Output, end: (code: number) => void): void {
  const command = program
    .command('init')
    .description(
      'Writes a first policy and a configuration for one issuer and one backend, which the proxy here reads.',
    )
    .addArgument(proxyArgument())
    .option('--issuer <url>', 'the issuer, exactly as tokens have it in `iss`')
    .option('--audience <aud>', 'the audience of the API; may be repeated', collect, [])
    .option('--public-reads', 'let GET and HEAD pass without a token')
    .option('--read-scope <scope>', 'the scope that GET and HEAD need')
    .option('--write-scope <scope>', 'the scope that every other method needs')
    .option('--backend <address>', 'host and port of the backend')
    .option('--listen <address>', 'port, or address and port, where the proxy listens', '8080')
    .option('--directory <path>', 'the folder of the files, as the proxy sees it', '.')
    .option('--root <directory>', 'the root file system that the proxy is in, as of an image', '')
    .option('--module <path>', 'the path of jwtverify.lua or jwtverify.js on the proxy')
    .option('--resolver <address>', 'the address of a name server, for nginx')
    .option('--ca-file <path>', 'the authorities by which nginx trusts issuers', '/etc/ssl/certs/ca-certificates.crt')
    .option('--allow-http', 'accept an issuer with plain http://')
    .option('--force', 'replace files that exist')
    .addOption(jsonOption())
    .action(async (proxy: ProxyName, options: InitOptions) => {
      const { init } = await import('../commands/init');
      end(await init(proxy, options, output));
    });
  addExamples(command, [
    'init haproxy',
    'init nginx --issuer https://issuer.example/ --audience https://api.example --write-scope write:hamsters',
  ]);
}
