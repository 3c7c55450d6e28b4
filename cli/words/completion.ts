// The words of `jwtverify completion`, and all words of the program as shells need them.
import { Argument, type Command } from 'commander';
import { EXIT } from '../desk/failure';
import type { Output } from '../print/output';
import { SHELLS, writeCompletion, type Shell, type Words } from '../write/completion';
import { addExamples } from './options';

function wordsOf(command: Command, path: string): readonly Words[] {
  const below = command.commands.map((one) => ({ name: one.name(), description: one.description() }));
  const options = command.options.map(({ long, description, argChoices, required, optional }) => ({
    name: long ?? '',
    description,
    values: argChoices ?? [],
    takesValue: required || optional,
  }));
  const values = command.registeredArguments[0]?.argChoices ?? [];
  const own = { path, description: command.description(), commands: below, options, values };
  const prefix = path === '' ? '' : `${path} `;
  return [own, ...command.commands.flatMap((one) => wordsOf(one, `${prefix}${one.name()}`))];
}

export function addCompletion(program: Command, output: Output, end: (code: number) => void): void {
  const command = program
    .command('completion')
    .description('Prints a script by which a shell completes the words of this command.')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action((shell: Shell) => {
      output.text(writeCompletion(shell, wordsOf(program, '')));
      end(EXIT.fine);
    });
  addExamples(command, ['completion bash > /etc/bash_completion.d/jwtverify', 'completion fish | source']);
}
