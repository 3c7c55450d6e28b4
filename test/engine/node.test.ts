import { NODE } from './engines';
import { expectVectors } from './expectations';

expectVectors(NODE);
