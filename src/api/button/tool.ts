import type { SupportTool } from '../../access/reference.ts';

/** A support tool as loopd knows it. */
export interface ButtonTool extends SupportTool {
  /** Origins of its pages, as browsers write them: `https://helpdesk.example`. */
  readonly origins: readonly string[];
}
