import { testRows } from '../matrix/testing.ts';

testRows('redis');
