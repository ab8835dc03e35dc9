/** The sandbox's own addresses, from ranges that no recorded peer has (documentation, RFC 5737). As in native/network.c. */
export const SERVICE_ADDRESS = '192.0.2.10';
export const DNS_ADDRESS = '192.0.2.53';
