// The words of `jwtverify keys`.
import { Option, type Command } from 'commander';
import type { ExportOptions } from '../commands/export-keys';
import type { KeysOptions } from '../commands/keys';
import type { Output } from '../print/output';
import { addExamples, jsonOption } from './options';

const FORMS = ['jwks', 'jwk', 'pem'];
const SOURCE = 'a file (`-`: standard input), an issuer, or the URL of a key set';

const httpOption = (): Option => new Option('--allow-http', 'fetch from a plain http:// URL');

export function addKeys(program: Command, output: Output, end: (code: number) => void): void {
  const keys = program
    .command('keys')
    .description(
      'Lists the keys of a file (JWKS or PEM), or those that an issuer publishes now, and why some cannot be used.',
    )
    .argument('<source>', SOURCE)
    .addOption(httpOption())
    .addOption(jsonOption())
    .action(async (source: string, options: KeysOptions) => {
      const { showKeys } = await import('../commands/keys');
      end(await showKeys(source, options, output));
    });
  addExamples(keys, ['keys https://issuer.example/', 'keys /etc/haproxy/jwks.json --json']);

  const exporting = keys
    .command('export')
    .description('Prints the usable public keys of an issuer or of a file, as a JSON Web Key Set or as PEM.')
    .argument('<source>', SOURCE)
    .addOption(new Option('--to <form>', 'the form').choices(FORMS).default('jwks'))
    .option('--kid <kid>', 'this key alone')
    .addOption(httpOption())
    .addOption(jsonOption())
    .action(async (source: string, _: unknown, command: Command) => {
      const { exportKeys } = await import('../commands/export-keys');
      end(await exportKeys(source, command.optsWithGlobals<ExportOptions>(), output));
    });
  addExamples(exporting, [
    'keys export https://issuer.example/ > jwks.json',
    'keys export https://issuer.example/ --to pem --kid first > pubkey.pem',
  ]);

  const converting = keys
    .command('convert')
    .description('Prints the public keys of a file in the other form: PEM as a JSON Web Key Set, and a set as PEM.')
    .argument('<file>', 'PEM (keys or certificates), a JWK or a JSON Web Key Set; `-` reads standard input')
    .addOption(new Option('--to <form>', 'the form').choices(FORMS))
    .option('--kid <kid>', 'this key alone')
    .addOption(jsonOption())
    .action(async (source: string, _: unknown, command: Command) => {
      const { convertKeys } = await import('../commands/export-keys');
      end(await convertKeys(source, command.optsWithGlobals<ExportOptions>(), output));
    });
  addExamples(converting, ['keys convert certificate.pem > jwks.json', 'keys convert jwks.json --to pem']);
}
