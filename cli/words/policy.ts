// The words of commands for the text of a policy: `fmt` and `schema`.
import type { Command } from 'commander';
import type { FmtOptions } from '../commands/fmt';
import type { Output } from '../print/output';
import { addExamples, jsonOption } from './options';

export function addPolicyText(program: Command, output: Output, end: (code: number) => void): void {
  const formatting = program
    .command('fmt')
    .description('Prints a policy in its canonical form: members in the order of the schema, short ones on one line.')
    .argument('<file...>', 'policy files')
    .option('--write', 'replace the files')
    .option('--check', 'only list the files that are not in this form; exit code 1 where there is one')
    .addOption(jsonOption())
    .action(async (paths: readonly string[], options: FmtOptions) => {
      const { fmt } = await import('../commands/fmt');
      end(fmt(paths, options, output));
    });
  addExamples(formatting, ['fmt policy.json', 'fmt --write policies/*.json', 'fmt --check policies/*.json']);

  const printing = program
    .command('schema')
    .description('Prints the JSON Schema of a policy, for editors and other tools.')
    .addOption(jsonOption())
    .action(async () => {
      const { printSchema } = await import('../commands/schema');
      end(printSchema(output));
    });
  addExamples(printing, ['schema > policy.schema.json']);
}
