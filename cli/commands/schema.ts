// `jwtverify schema`: the JSON Schema of a policy, for editors.
import schema from '../../schema/policy.schema.json';
import { EXIT } from '../desk/failure';
import type { Output } from '../print/output';

/** @returns the exit code */
export function printSchema(output: Output): number {
  output.json(schema);
  return EXIT.fine;
}
