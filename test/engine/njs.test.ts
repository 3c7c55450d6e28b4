import { NJS_ENGINES } from './engines';
import { expectVectors } from './expectations';

for (const engine of NJS_ENGINES) expectVectors(engine);
