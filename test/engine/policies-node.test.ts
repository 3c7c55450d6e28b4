import { NODE } from './engines';
import { expectPolicies } from './policy-expectations';

expectPolicies(NODE);
