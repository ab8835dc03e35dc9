import { expect, it } from 'vitest';
import { noteOfCast, notesOf } from '../../../replay-sandbox/verify/notes.ts';

it.each([
  [['orders'], []],
  [['orders', 'pricing'], ['Judged is the answer of orders, which takes the request; pricing runs with it.']],
  [
    ['orders', 'pricing', 'accounts'],
    ['Judged is the answer of orders, which takes the request; pricing and accounts run with it.'],
  ],
])('%j: says who is judged', (services, notes) => {
  expect(noteOfCast(services)).toEqual(notes);
});

it.each([
  ['rules', 0, /no good answer of this route of orders/],
  ['exemplars', 1, /one exemplar of the route only/],
  ['exemplars', 2, /^$/],
  ['expect', 0, /^$/],
] as const)('judged by %s, with %i exemplars', (judgedBy, exemplars, said) => {
  expect(notesOf(judgedBy, exemplars, { service: 'orders' }).join('\n')).toMatch(said);
});
