import { Document, isMap, isScalar, visit } from 'yaml';
import type { YAMLMap, YAMLSeq } from 'yaml';
import type { Fields } from './tree.ts';

const FLOW_WIDTH = 100;

/** A tree as YAML text, with comment lines in front. Short leaves (`{address: 127.0.0.1, port_value: 80}`) stand on one line. */
export function toYaml(tree: Fields, comments: readonly string[] = []): string {
  // Anchors would be shorter, but each filter should be readable and can be copied where it stands.
  const document = new Document(tree, { aliasDuplicateObjects: false });
  visit(document, { Map: flowWhenShort, Seq: flowWhenShort });
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: false });
  return comments.map((line) => `# ${line}\n`).join('') + text;
}

function flowWhenShort(_: unknown, node: YAMLMap | YAMLSeq): void {
  const values = isMap(node) ? node.items.map((pair) => pair.value) : node.items;
  const isLeaf = values.length > 0 && values.every((value) => isScalar(value));
  // `@type` names are long and worth a line of their own.
  if (isLeaf && !node.has('@type') && JSON.stringify(node.toJSON()).length <= FLOW_WIDTH) node.flow = true;
}
