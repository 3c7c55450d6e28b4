// The command `jwtverify`: runs what was typed, and ends with its exit code.
import { EXIT, isFailure } from './desk/failure';
import { createOutput } from './print/output';
import { createProgram } from './program';

const output = createOutput();
const program = createProgram(output, (code) => {
  process.exitCode = code;
});

/** The system's own words for what it refused: `EACCES: permission denied, mkdir '/keys'`. */
const describe = (error: unknown): string | undefined => {
  if (isFailure(error)) return error.message;
  return error instanceof Error && 'syscall' in error ? error.message : undefined;
};

// Whoever reads the output may stop, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') output.error(`standard output: ${error.message}`);
  process.exit(EXIT.failure);
});

try {
  await program.parseAsync();
} catch (error) {
  const message = describe(error);
  if (message === undefined) throw error;
  output.error(message);
  process.exitCode = EXIT.failure;
}
