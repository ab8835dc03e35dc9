import { describe } from 'vitest';
import { hostilePeersContract } from '../../../contracts/hostile-peers-contract.ts';
import { transportContract } from '../../../contracts/transport-contract.ts';

describe('grpc-js', () => {
  transportContract('grpc-js');
  hostilePeersContract('grpc-js');
});
