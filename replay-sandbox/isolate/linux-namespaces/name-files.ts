import { DNS_ADDRESS, SERVICE_ADDRESS } from './addresses.ts';

/**
 * The files that decide how a name becomes an address. The host's would ask the host's resolvers, or a resolver daemon
 * through a unix socket (nss-resolve), neither of which exists in the sandbox.
 */
export function nameFiles(hostname: string): ReadonlyMap<string, string> {
  return new Map([
    ['/etc/resolv.conf', `nameserver ${DNS_ADDRESS}\noptions ndots:1 timeout:1 attempts:2\n`],
    ['/etc/hosts', `127.0.0.1 localhost\n::1 localhost ip6-localhost\n${SERVICE_ADDRESS} ${hostname}\n`],
    ['/etc/nsswitch.conf', NSSWITCH],
  ]);
}

const NSSWITCH = `passwd: files
group: files
shadow: files
hosts: files dns
services: files
protocols: files
`;
