// The command line: commands, options, help.
import { Command, Option } from 'commander';
import { VERSION } from '../src/model/version';
import type { CheckOptions } from './commands/check';
import type { ExplainOptions } from './commands/explain';
import type { TestOptions } from './commands/test';
import type { Output } from './print/output';
import { addCompletion } from './words/completion';
import { addGenerate } from './words/generate';
import { addInit } from './words/init';
import { addKeys } from './words/keys';
import { addMigrate } from './words/migrate';
import { addExamples, collect, rootOption as root } from './words/options';
import { addPolicyText } from './words/policy';
import { addToken } from './words/token';

/** `help`, of a command and of those below one: commander's own knows the first word alone. */
function addHelp(program: Command): void {
  program.helpCommand(false);
  program
    .command('help')
    .description('Prints the options of a command, with examples.')
    .argument('[command...]', 'the command, as `token make`')
    .action((words: readonly string[]) => {
      let found = program;
      for (const word of words) {
        const below = found.commands.find((one) => one.name() === word);
        if (below === undefined) program.error(`error: unknown command '${words.join(' ')}'`);
        found = below;
      }
      found.help();
    });
}

/** The words that an operator can type. @param end gets the exit code of the command that ran */
export function createProgram(output: Output, end: (code: number) => void): Command {
  const program = new Command('jwtverify')
    .description('One OAuth 2 / JWT access policy for HAProxy and nginx: what it says, before a proxy loads it.')
    .version(VERSION)
    .showHelpAfterError('(jwtverify help COMMAND says more)');
  addInit(program, output, end);
  const checking = program
    .command('check')
    .description(
      'Lists every problem of policies and of configurations of HAProxy and nginx, and what is legal but unwise. Exit code 1 where there is an error.',
    )
    .argument(
      '<path...>',
      'policy files; files that end with .cfg are one configuration of HAProxy, those with .conf are nginx; folders with such files',
    )
    .addOption(root())
    .option('--live', 'fetch the keys that the policy names')
    .option('--json', 'print JSON')
    .action(async (paths: readonly string[], options: CheckOptions) => {
      const { check } = await import('./commands/check');
      end(await check(paths, options, output));
    });
  addExamples(checking, ['check policy.json', 'check /etc/nginx/nginx.conf', 'check --live --json policy.json']);

  const explaining = program
    .command('explain')
    .description('Says what a policy does with a request, check by check. Exit code 0: allowed, 2: refused.')
    .argument('<policy>', 'the policy file')
    .requiredOption('--url <url>', 'URL or path, exactly as the client sends it')
    .option('--method <method>', 'request method', 'GET')
    .option('--header <line>', 'a header line, such as `X-Tenant: zoo`; may be repeated', collect, [])
    .option('--token-file <file>', 'a bearer token; `-` reads standard input')
    .option('--claims <json>', 'claims in place of a token, as if its signature had been verified')
    .option('--allowed-groups <query>', 'the query of an authorizer, such as `allowed_groups=a,b`')
    .option('--at <time>', 'the time of the request: RFC 3339, or seconds since 1970')
    .option('--offline', 'fetch no keys')
    .addOption(root())
    .option('--json', 'print JSON')
    .action(async (policy: string, options: ExplainOptions) => {
      const { explain } = await import('./commands/explain');
      end(await explain(policy, options, output));
    });
  addExamples(explaining, [
    'explain policy.json --url https://api.example/hamsters --token-file token.txt',
    'explain policy.json --method POST --url /hamsters --claims "{...}" --json',
  ]);

  const testing = program
    .command('test')
    .description(
      'Judges the cases of files or folders (`*.test.yaml`, `.test.json`). Exit code 1 where one is not as expected.',
    )
    .argument('<path...>', 'files of cases, or folders with them')
    .option('--policy <file>', 'the policy, in place of the one that a file names')
    .addOption(root())
    .addOption(
      new Option('--reporter <name>', 'how results are printed').choices(['plain', 'tap', 'junit']).default('plain'),
    )
    .option('--coverage <percent>', 'fail where the cases reach less of a policy')
    .option('--on <proxies>', 'run the cases in proxies of this machine as well: haproxy, nginx or haproxy,nginx')
    .option('--haproxy <program>', 'HAProxy, where it is not in PATH')
    .option('--nginx <program>', 'nginx, where it is not in PATH')
    .option('--haproxy-module <file>', 'jwtverify.lua, where it is not beside the command')
    .option('--nginx-module <file>', 'jwtverify.js, where it is not beside the command')
    .option('--json', 'print JSON')
    .action(async (paths: readonly string[], options: TestOptions) => {
      const { runTests } = await import('./commands/test');
      end(await runTests(paths, options, output));
    });
  addExamples(testing, ['test cases --coverage 100', 'test cases --reporter junit > results.xml']);

  addKeys(program, output, end);
  addToken(program, output, end);
  addPolicyText(program, output, end);
  addGenerate(program, output, end);
  addMigrate(program, output, end);
  addCompletion(program, output, end);
  addHelp(program);
  return program;
}
