/** YAML text as a tree of nodes that know their lines, and how they were written. */

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseDocument,
  Scalar,
  type YAMLMap,
} from 'yaml';
import { ConfigError } from './error';
import { otherThanText } from './plain';

export type Node = { readonly line: number } & (
  | { readonly kind: 'null' }
  /** Without quotes, as written: its meaning is for `plain` to say. */
  | { readonly kind: 'plain'; readonly text: string }
  /** In quotes or a block: text whatever it looks like. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'map'; readonly entries: ReadonlyMap<string, Node> }
);

/** lamex.yaml needs seven levels. */
const MAX_DEPTH = 32;
/** Five thousand commands with every key have fewer, aliases written out. */
const MAX_NODES = 200_000;

/** What a reader of a message would call the value. */
export function found(node: Node): string {
  switch (node.kind) {
    case 'null':
      return 'nothing';
    case 'plain':
      return otherThanText(node.text) === 'a number' ? `the number ${node.text}` : `\`${node.text}\``;
    case 'text':
      return `the text ${JSON.stringify(node.text)}`;
    case 'list':
      return 'a list';
    case 'map':
      return 'a mapping';
  }
}

/**
 * Parses one document, and refuses what not every reader of the file understands alike: tags, merge keys, and keys
 * that are no text.
 */
export function parse(text: string): Node {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: false, schema: 'core', version: '1.2' });
  const problem = document.errors[0];
  if (problem) {
    const message = problem.message.split(' at line ')[0] ?? problem.message;
    throw new ConfigError(message, lines.linePos(problem.pos[0]).line);
  }
  return new Converter(document, lines).node(document.contents, 0);
}

class Converter {
  private nodes = 0;

  constructor(
    private readonly document: Document.Parsed,
    private readonly lines: LineCounter,
  ) {}

  node(raw: ParsedNode | null, depth: number): Node {
    const line = raw ? this.lines.linePos(raw.range[0]).line : 1;
    this.nodes += 1;
    if (this.nodes > MAX_NODES || depth > MAX_DEPTH) {
      throw new ConfigError('this expands to more than any lamex.yaml needs', line);
    }
    if (raw === null) return { kind: 'null', line };
    if (raw.tag && !isAlias(raw)) {
      // The parser gives collections and quoted text their implied tag only when it is written.
      throw new ConfigError('lamex.yaml uses no YAML tags', line);
    }
    if (isAlias(raw)) {
      const target = raw.resolve(this.document) as ParsedNode | undefined;
      if (!target) throw new ConfigError(`there is no anchor \`${raw.source}\``, line);
      return this.node(target, depth + 1);
    }
    if (isMap(raw)) return { kind: 'map', entries: this.entries(raw, depth), line };
    if (isSeq(raw)) {
      return { kind: 'list', items: raw.items.map((item) => this.node(item as ParsedNode, depth + 1)), line };
    }
    if (!isScalar(raw)) throw new ConfigError('this is no YAML value', line);
    const text = raw.source ?? '';
    if (raw.type !== Scalar.PLAIN) return { kind: 'text', text, line };
    return otherThanText(text) === 'no value' ? { kind: 'null', line } : { kind: 'plain', text, line };
  }

  private entries(raw: YAMLMap.Parsed, depth: number): Map<string, Node> {
    const entries = new Map<string, Node>();
    for (const pair of raw.items) {
      const key = this.node(pair.key as ParsedNode, depth + 1);
      entries.set(this.key(key), this.node(pair.value as ParsedNode | null, depth + 1));
    }
    return entries;
  }

  private key(key: Node): string {
    if (key.kind === 'text') return key.text;
    if (key.kind !== 'plain') throw new ConfigError(`expected a key, found ${found(key)}`, key.line);
    if (key.text === '<<') throw new ConfigError('lamex.yaml has no merge keys', key.line);
    const other = otherThanText(key.text);
    if (other) throw new ConfigError(`the key \`${key.text}\` without quotes is ${other}`, key.line);
    return key.text;
  }
}
