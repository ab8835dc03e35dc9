import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildConsole } from '../../../scripts/build/console.ts';
import { FIRST_LOAD_LIMIT, firstLoad, gzippedBytes, sizeReport } from '../../../scripts/build/console-size.ts';
import { temporaryDirectory } from '../../support/temporary.ts';

describe('the console as it is built', () => {
  it('is loaded with less than 120 kB, has no text that is script or style in its page, and brings plots later', async () => {
    const dist = join(temporaryDirectory(), 'dist');
    await buildConsole(dist);
    const files = firstLoad(dist);
    expect(sizeReport(files)).toContain('index.html');
    expect(gzippedBytes(files)).toBeLessThan(FIRST_LOAD_LIMIT);
    const page = readFileSync(join(dist, 'index.html'), 'utf8');
    expect(page).not.toMatch(/<style|style=|<script(?![^>]*\ssrc=)|\son\w+=/);
    const scripts = files
      .filter(({ file }) => file.endsWith('.js'))
      .map(({ file }) => readFileSync(join(dist, file), 'utf8'));
    expect(scripts.join('')).not.toContain('uplot');
    expect(scripts.join('')).not.toMatch(/\beval\(|new Function\(/);
    expect(readFileSync(join(dist, 'support-button.js'), 'utf8').length).toBeGreaterThan(100);
  });
});
