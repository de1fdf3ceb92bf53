import { inTurn, longFuzz } from '../support/long-fuzz.ts';
import { primaryKeepsAll } from '../support/primary-fuzz.ts';

longFuzz('primary and replicas lose nothing with all three measures', inTurn([primaryKeepsAll()]));
