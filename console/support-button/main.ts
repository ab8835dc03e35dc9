/**
 * /support-button.js. `<script src="https://loop.example/support-button.js" data-loop-reference="…">` puts a button where it stands, or at the
 * end of the page when it stands in the head; without a reference it only defines `<loop-support-button>`. Throws nothing into its page.
 */
import { defineButton } from './element.ts';

try {
  const script = document.currentScript instanceof HTMLScriptElement ? document.currentScript : undefined;
  defineButton(new URL('.', script?.src || location.href).href);
  const reference = script?.dataset['loopReference'];
  if (script !== undefined && reference !== undefined) place(script, reference);
} catch {
  // A page without a button is better than a page that is broken by one.
}

function place(script: HTMLScriptElement, reference: string): void {
  const button = document.createElement('loop-support-button');
  button.setAttribute('reference', reference);
  const { loopLabel, loopTheme } = script.dataset;
  if (loopLabel !== undefined) button.setAttribute('label', loopLabel);
  if (loopTheme !== undefined) button.setAttribute('theme', loopTheme);
  if (!document.head.contains(script)) script.after(button);
  else if (document.readyState !== 'loading') document.body.append(button);
  else addEventListener('DOMContentLoaded', () => document.body.append(button), { once: true });
}
