import { describe, expect, it } from 'vitest';
import { conversationProtocol } from '../../../src/wire/protocols.ts';

describe('protocols', () => {
  it('are found by the name a capture gives them', () => {
    expect(conversationProtocol('postgres')?.name).toBe('postgres');
    expect(conversationProtocol('tcp')).toBeUndefined();
  });
});
