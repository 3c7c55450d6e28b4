// The words of `jwtverify generate`.
import { Option, type Command } from 'commander';
import type { GenerateOptions } from '../commands/generate';
import type { Output } from '../print/output';
import { PARTS, type Proxy } from '../write/choices';
import { addExamples, addSiteOptions, jsonOption, proxyArgument, rootOption } from './options';

const EXAMPLES = [
  'generate nginx policy.json > nginx.conf',
  'generate nginx policy.json --part forward > jwtverify-forward.conf',
  'generate nginx policy.json --part forward --compare jwtverify-forward.conf',
  'generate haproxy policy.json --part native-keys',
];

export function addGenerate(program: Command, output: Output, end: (code: number) => void): void {
  const parts = [...new Set([...PARTS.nginx, ...PARTS.haproxy])];
  const command = program
    .command('generate')
    .description("Prints what a proxy's configuration needs for a policy. The same policy gives the same bytes.")
    .addArgument(proxyArgument())
    .argument('<policy>', 'the policy file')
    .addOption(
      new Option('--part <name>', 'the whole configuration, or what of it the policy decides')
        .choices(parts)
        .default('configuration'),
    )
    .option('--policy-path <path>', 'the path of the policy on the proxy')
    .addOption(rootOption());
  addSiteOptions(command)
    .option('--resolver <address>', 'the address of a name server, for nginx', '127.0.0.53')
    .option('--njs <version>', "the proxy's version of njs", '1.0')
    .option('--auth-request', 'use auth_request also where njs has js_access')
    .option('--compare <file>', 'print nothing; exit code 1 where the file differs')
    .addOption(jsonOption())
    .action(async (proxy: Proxy, policy: string, options: GenerateOptions) => {
      const { generate } = await import('../commands/generate');
      end(generate(proxy, policy, options, output));
    });
  addExamples(command, EXAMPLES);
}
