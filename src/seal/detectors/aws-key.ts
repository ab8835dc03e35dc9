import { glanced, groups } from './detector.ts';

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
const ACCESS_KEY_ID =
  /(?<![A-Za-z0-9])((?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA|AGPA|AIPA|ANPA|ANVA)[A-Z0-9]{16})(?![A-Za-z0-9])/dg;
// The secret has no prefix: it is told by the id it stands behind, as in a file of credentials, or by its name (names.ts).
const SECRET_BEHIND_ID = /(?<![A-Za-z0-9])A[KS]IA[A-Z0-9]{16}[\s"',;:|]{1,8}([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/dg;

/** Access key ids of AWS, and the secret that stands behind one. */
export const awsKey = glanced(
  'aws key',
  (text) => /A[A-Z]{3}[A-Z0-9]{16}/.test(text),
  (text) => {
    const spans = [...groups(text, ACCESS_KEY_ID), ...groups(text, SECRET_BEHIND_ID)];
    return spans.toSorted((one, other) => one.start - other.start);
  },
);
