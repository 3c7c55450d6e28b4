// Options that several commands have, and examples below their help.
import { Argument, Option, type Command } from 'commander';

export const rootOption = (): Option =>
  new Option('--root <directory>', 'where the files are that the policy names by their paths on the proxy').default(
    '',
    'as they are',
  );

/** Collects what is given again and again. */
export const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

export const jsonOption = (): Option => new Option('--json', 'print JSON');

export const proxyArgument = (): Argument => new Argument('<proxy>', 'the proxy').choices(['haproxy', 'nginx']);

/** Adds commands that work as they are typed. */
export function addExamples(command: Command, examples: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${examples.map((line) => `  $ jwtverify ${line}`).join('\n')}`);
}

/** Adds what both `generate` and `init` ask about a proxy's machine. */
export function addSiteOptions(command: Command): Command {
  return command
    .option('--module <path>', 'the path of jwtverify.lua or jwtverify.js on the proxy')
    .option('--forward <path>', "the path of nginx's lines for a backend", '/etc/nginx/jwtverify-forward.conf')
    .option('--listen <address>', 'port, or address and port, where the proxy listens', '8080')
    .option('--backend <address>', 'host and port of the backend', '127.0.0.1:3001')
    .option('--ca-file <path>', 'the authorities by which nginx trusts issuers', '/etc/ssl/certs/ca-certificates.crt');
}
