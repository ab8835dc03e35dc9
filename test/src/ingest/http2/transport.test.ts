import { describe } from 'vitest';
import { hostilePeersContract } from '../../../contracts/hostile-peers-contract.ts';
import { transportContract } from '../../../contracts/transport-contract.ts';

describe('http2', () => {
  transportContract('http2');
  hostilePeersContract('http2');
});
