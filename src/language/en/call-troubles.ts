import { CALL_TROUBLES as OF_CORE } from '../../core/call-trouble.ts';
import type { CallTroubles } from '../remedies.ts';

/** Made here, and not within the catalogue: a bundler keeps all that a spread stands in, so the page would hold every word. */
export const CALL_TROUBLES: CallTroubles = { ...OF_CORE, within: 'within' };
