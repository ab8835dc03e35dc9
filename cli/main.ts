#!/usr/bin/env node
/** loopctl. Code that was compiled once is kept beside what else is kept (~/.cache/loop), which halves the start; Node gives it up by itself where it cannot. */
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

enableCompileCache(join(homedir(), '.cache', 'loop', 'node'));
await import('./loopctl.ts');
