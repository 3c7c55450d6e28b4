// What shells need to complete words of the command: one script for each, out of the commands themselves.
export interface Words {
  /** From the first word on: `keys export`; empty for the command itself. */
  readonly path: string;
  readonly description: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly Choice[];
  /** What the first argument can be; empty where it is a file. */
  readonly values: readonly string[];
}

/** An option by its long name, and its values where they are few. */
export interface Choice {
  readonly name: string;
  readonly description: string;
  readonly values: readonly string[];
  readonly takesValue: boolean;
}

export type Shell = 'bash' | 'zsh' | 'fish';

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The line of `case` for each command: what can follow it. */
function caseOf({ path, commands, options, values }: Words): string {
  const words = [...commands.map(({ name }) => name), ...values, ...options.map(({ name }) => name)];
  return `    ${quote(path)}) words=${quote(words.join(' '))} ;;`;
}

/** The line of `case` for each option with few values. */
const valuesOf = (all: readonly Words[]): readonly string[] =>
  all.flatMap(({ path, options }) =>
    options
      .filter(({ values }) => values.length > 0)
      .map(({ name, values }) => `    ${quote(`${path} ${name}`)}) words=${quote(values.join(' '))} ;;`),
  );

/** Whether a word is a command below another. */
const namesOf = (all: readonly Words[]): string =>
  all
    .filter(({ path }) => path !== '')
    .map(({ path }) => quote(path))
    .join(' | ');

/** Sets `words` by `path`, in words that both shells know. */
const choose = (all: readonly Words[]): string => `  case "$path $before" in
${valuesOf(all).join('\n')}
    *) case "$path" in
${all.map(caseOf).join('\n')}
    esac ;;
  esac`;

const writeBash = (all: readonly Words[]): string => `# bash: source <(jwtverify completion bash)
_jwtverify() {
  local words= path= word index before=\${COMP_WORDS[COMP_CWORD-1]} current=\${COMP_WORDS[COMP_CWORD]}
  for ((index = 1; index < COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    case "\${path:+$path }$word" in
      ${namesOf(all)}) path="\${path:+$path }$word" ;;
    esac
  done
${choose(all)}
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _jwtverify jwtverify
`;

const writeZsh = (all: readonly Words[]): string => `#compdef jwtverify
# zsh: jwtverify completion zsh > a folder of $fpath, as _jwtverify
_jwtverify() {
  local words_= path_= word index before=\${words[CURRENT-1]}
  for ((index = 2; index < CURRENT; index++)); do
    word=\${words[index]}
    case "\${path_:+$path_ }$word" in
      ${namesOf(all)}) path_="\${path_:+$path_ }$word" ;;
    esac
  done
${choose(all).replaceAll('$path', '$path_').replaceAll('words=', 'words_=')}
  compadd -- \${=words_}
  _files
}
compdef _jwtverify jwtverify
`;

function fishLines({ path, commands, options, values }: Words): readonly string[] {
  const condition =
    path === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${path.split(' ').at(-1) ?? ''}`;
  const head = `complete -c jwtverify -n ${quote(condition)}`;
  return [
    ...commands.map(({ name, description }) => `${head} -a ${name} -d ${quote(description)}`),
    ...values.map((value) => `${head} -a ${value}`),
    ...options.map(({ name, description, values: chosen, takesValue }) => {
      const own = takesValue ? (chosen.length > 0 ? ` -x -a ${quote(chosen.join(' '))}` : ' -r') : '';
      return `${head} -l ${name.slice(2)}${own} -d ${quote(description)}`;
    }),
  ];
}

const writeFish = (all: readonly Words[]): string =>
  ['# fish: jwtverify completion fish | source', ...all.flatMap(fishLines), ''].join('\n');

const WRITERS: Readonly<Record<Shell, (all: readonly Words[]) => string>> = {
  bash: writeBash,
  zsh: writeZsh,
  fish: writeFish,
};

export const SHELLS = Object.keys(WRITERS) as readonly Shell[];

export const writeCompletion = (shell: Shell, all: readonly Words[]): string => WRITERS[shell](all);
