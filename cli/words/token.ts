// The words of `jwtverify token`.
import { Option, type Command } from 'commander';
import type { MakeOptions } from '../commands/make-token';
import type { ServeOptions } from '../commands/serve-issuer';
import type { DecodeOptions } from '../commands/token';
import type { Output } from '../print/output';
import { THROW_AWAY_ALGORITHMS } from '../write/choices';
import { addExamples, collect, jsonOption } from './options';

export function addToken(program: Command, output: Output, end: (code: number) => void): void {
  const token = program.command('token').description('Works with tokens.');
  const decoding = token
    .command('decode')
    .description('Prints the header and claims of a token, unverified and without its signature.')
    .argument('[file]', 'the token; `-` reads standard input', '-')
    .option('--at <time>', 'the time to compare with: RFC 3339, or seconds since 1970')
    .addOption(jsonOption())
    .action(async (file: string, options: DecodeOptions) => {
      const { decodeToken } = await import('../commands/token');
      end(decodeToken(file, options, output));
    });
  addExamples(decoding, ['token decode token.txt', 'token decode --json < token.txt']);

  const making = token
    .command('make')
    .description('Prints a token for trials, signed by a throw-away key, which it makes where there is none.')
    .option('--keys <folder>', 'the folder of the throw-away keys', 'throw-away-keys')
    .addOption(new Option('--algorithm <name>', 'the algorithm').choices([...THROW_AWAY_ALGORITHMS]).default('ES256'))
    .option('--new-key', 'make a new key; the older ones stay in jwks.json')
    .option('--policy <file>', 'take issuer and audience from a policy')
    .option('--claims <json>', 'claims')
    .option('--claims-file <file>', 'claims in a file; `-` reads standard input')
    .option('--issuer <iss>', 'the claim `iss`')
    .option('--audience <aud>', 'the claim `aud`; may be repeated', collect, [])
    .option('--subject <sub>', 'the claim `sub`')
    .option('--scope <scope>', 'the claim `scope`: scopes with a space between')
    .option('--expires-in <seconds>', 'how long it counts; below 0 it is over already', '600')
    .option('--at <time>', 'when it is issued: RFC 3339, or seconds since 1970')
    .addOption(jsonOption())
    .action(async (options: MakeOptions) => {
      const { makeToken } = await import('../commands/make-token');
      end(makeToken(options, output));
    });
  addExamples(making, [
    "token make --policy policy.json --scope 'write:hamsters' > token.txt",
    'token make --issuer https://a.example/ --audience api --expires-in -60',
  ]);

  const serving = token
    .command('serve')
    .description('Serves the throw-away keys as an issuer for trials, on this machine alone, until it is ended.')
    .option('--keys <folder>', 'the folder of the throw-away keys', 'throw-away-keys')
    .option('--port <port>', 'the port on 127.0.0.1', '9000')
    .action(async (options: ServeOptions) => {
      const { serveIssuer } = await import('../commands/serve-issuer');
      end(await serveIssuer(options, output));
    });
  addExamples(serving, ['token serve --port 9000']);
}
