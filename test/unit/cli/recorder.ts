// An output that keeps what a command prints.
import type { Output } from '../../../cli/print/output';

export interface Recorder {
  readonly output: Output;
  stdout(): string;
  stderr(): string;
}

const same = (text: string): string => text;

export function createRecorder(): Recorder {
  let [stdout, stderr] = ['', ''];
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    output: {
      line: (text) => (stdout += `${text}\n`),
      text: (text) => (stdout += text),
      json: (value) => (stdout += `${JSON.stringify(value, undefined, 2)}\n`),
      progress: () => undefined,
      warn: (text) => (stderr += `warning: ${text}\n`),
      error: (text) => (stderr += `error: ${text}\n`),
      red: same,
      green: same,
      dim: same,
    },
  };
}
