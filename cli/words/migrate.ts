// The words of `jwtverify migrate`.
import { Argument, Option, type Command } from 'commander';
import type { MigrateOptions } from '../commands/migrate';
import type { Output } from '../print/output';
import { SYSTEMS, type SystemName } from '../write/choices';
import { addExamples, collect, jsonOption } from './options';

export function addMigrate(program: Command, output: Output, end: (code: number) => void): void {
  const command = program
    .command('migrate')
    .description("Writes a policy and a configuration out of another system's, and says what became of each option.")
    .addArgument(new Argument('<system>', 'the system').choices(SYSTEMS))
    .argument(
      '<file...>',
      'its configuration: haproxy.cfg, nginx.conf; of OAuth2-Proxy flags, variables, TOML, Helm values, a compose file or several of them, the strongest last',
    )
    .addOption(new Option('--to <proxy>', 'the proxy, where the system leaves a choice').choices(['haproxy', 'nginx']))
    .option('--directory <path>', 'the folder of the files, as the proxy sees it', '.')
    .option('--listen <address>', 'port, or address and port, where the proxy listens', '8080')
    .option('--njs <version>', "the proxy's version of njs", '1.0')
    .option('--module <path>', 'jwtverify.lua or jwtverify.js on the proxy')
    .option('--issuer <issuer>', 'the issuer, where the configuration names none')
    .option('--audience <audience>', 'an audience, where the configuration names none; may be repeated', collect, [])
    .option('--force', 'replace files that exist')
    .addOption(jsonOption())
    .action(async (system: SystemName, files: readonly string[], options: MigrateOptions) => {
      const { migrate } = await import('../commands/migrate');
      end(migrate(system, files, options, output));
    });
  addExamples(command, [
    'migrate oauth2-proxy values.yaml',
    'migrate oauth2-proxy oauth2-proxy.cfg --to nginx',
    'migrate oauth2-proxy docker-compose.yml supervisord.conf',
    'migrate haproxy-lua-oauth /etc/haproxy/haproxy.cfg --directory new',
    'migrate nginx-plus /etc/nginx/nginx.conf --njs 0.8.9 --directory /etc/nginx/new',
  ]);
}
