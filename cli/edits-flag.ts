/** Answers that are to be others than the recorded ones: --set, --delay, and files of them. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { editedBy } from '../replay-sandbox/edit/answers.ts';
import type { Change } from '../replay-sandbox/edit/change.ts';
import { readDelay, readSet } from '../replay-sandbox/edit/change.ts';
import { ReplayError } from '../replay-sandbox/error.ts';
import type { ReplayPlan } from '../replay-sandbox/plan/plan.ts';

const FILE = z.strictObject({
  version: z.literal(1),
  set: z.array(z.string()).default([]),
  delay: z.array(z.string()).default([]),
});

/** As people write them. */
export interface Edits {
  readonly set: readonly string[];
  readonly delay: readonly string[];
}

export async function editOf(file: string | undefined): Promise<(plan: ReplayPlan) => ReplayPlan> {
  return editedBy(file === undefined ? [] : changesOf(await editsIn(file)));
}

/** Throws ReplayError `bad-config`. */
export function changesOf({ set, delay }: Edits): readonly Change[] {
  return [...set.map(readSet), ...delay.map(readDelay)];
}

/** As `edit --save` wrote it. Throws ReplayError `bad-config`. */
export async function editsIn(file: string): Promise<Edits> {
  try {
    const { set, delay } = FILE.parse(parse(await readFile(file, 'utf8'), { maxAliasCount: 0 }));
    return { set, delay };
  } catch (cause) {
    if (cause instanceof ReplayError) throw cause;
    const said = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new ReplayError(
      'bad-config',
      `${file} holds no edits: ${said}`,
      'version: 1\nset: ["3:body.price=0"]\ndelay: ["3=2s"]',
      {
        cause,
      },
    );
  }
}
