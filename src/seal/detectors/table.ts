import { awsKey } from './aws-key.ts';
import { card } from './card.ts';
import { credentials } from './credentials.ts';
import type { Detector } from './detector.ts';
import { email } from './email.ts';
import { iban } from './iban.ts';
import { jwt } from './jwt.ts';
import { knownKey } from './known-key.ts';
import { phone } from './phone.ts';
import { privateKey } from './private-key.ts';
import { urlUserinfo } from './url-userinfo.ts';

/** Those that look at values. Long forms come first: what they have replaced, the shorter ones do not see. */
export const DETECTORS: readonly Detector[] = [
  privateKey,
  jwt,
  credentials,
  urlUserinfo,
  awsKey,
  iban,
  card,
  email,
  phone,
];

/**
 * Those that look at a whole text once, before it is taken apart: they cost more for each text than for each character, and what they find
 * has nothing in it that a grammar would escape.
 */
export const WHOLE_TEXT_DETECTORS: readonly Detector[] = [knownKey];
