// The contract suites on nginx's adapters under Node.
import { NODE } from '../engine/engines';
import { expectContract } from './expectations';
import { SURROUNDINGS } from './settings-source';

expectContract('Node', (questions) => NODE.run('contract', questions, SURROUNDINGS));
