#!/usr/bin/env node
/** loopd: steps aside before the rest of it is read, which keeps a core busy for a second. */
import { stepAside } from './step-aside.ts';

const aside = await stepAside();
const { run } = await import('./run.ts');
await run(aside);
