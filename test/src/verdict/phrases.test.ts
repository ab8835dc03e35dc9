import { expect, test } from 'vitest';
import { readableDetails } from '../../../src/verdict/phrases.ts';

test.each([
  ['via_upstream', ''],
  ['response_timeout', 'response timeout'],
  [
    'upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}',
    'connection refused',
  ],
  [
    'upstream_reset_before_response_started{remote_connection_failure|TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify_cert_failed:_SAN_matcher,_certificate_SANs_are_[other]:TLS_error_end}',
    'TLS: certificate verify failed',
  ],
  ['rbac_access_denied_matched_policy[none]', 'none'],
])('%s: %s', (details, text) => expect(readableDetails(details)).toBe(text));
