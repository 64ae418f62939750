/** From nodes to typed values; the first that is not as it must be ends it. */

import { ConfigError } from './error';
import { found, type Node } from './node';
import { boolean, otherThanText } from './plain';

/** Reads one value, or throws. */
export type Reader<T> = (node: Node) => T;

export function expected(what: string, node: Node): ConfigError {
  return new ConfigError(`expected ${what}, found ${found(node)}`, node.line);
}

/** Text that all readers of the file take for text. */
export function text(what = 'text', pattern: RegExp = /^[^\0]*$/): Reader<string> {
  return (node) => {
    if (node.kind === 'plain') {
      const other = otherThanText(node.text);
      if (other) {
        const problem = `expected ${what}; \`${node.text}\` without quotes is ${other}: write "${node.text}"`;
        throw new ConfigError(problem, node.line);
      }
    }
    if ((node.kind !== 'plain' && node.kind !== 'text') || !pattern.test(node.text))
      throw expected(what, node);
    return node.text;
  };
}

export function oneOf<const Word extends string>(what: string, ...words: Word[]): Reader<Word> {
  const known: readonly string[] = words;
  return (node) => {
    const word = text(what)(node);
    if (known.includes(word)) return word as Word;
    throw new ConfigError(`${expected(what, node).problem}: it is one of ${known.join(', ')}`, node.line);
  };
}

/** Digits as all readers understand them; `007` is a number to them, but rarely to who wrote it. */
const DECIMAL = /^(0|[1-9][0-9]*)$/;

export function wholeNumber(what: string, minimum: number, maximum: number): Reader<number> {
  return (node) => {
    if (node.kind === 'text' && DECIMAL.test(node.text)) {
      const problem = `expected ${what}, a whole number, found the text "${node.text}": remove the quotes`;
      throw new ConfigError(problem, node.line);
    }
    if (node.kind !== 'plain' || !DECIMAL.test(node.text)) throw expected(`${what}, a whole number`, node);
    const number = Number(node.text);
    if (number >= minimum && number <= maximum) return number;
    throw new ConfigError(`${node.text} is out of range for ${what}: ${minimum} to ${maximum}`, node.line);
  };
}

export const flag: Reader<boolean> = (node) => {
  const value = node.kind === 'plain' ? boolean(node.text) : undefined;
  if (value === undefined) throw expected('`true` or `false`', node);
  return value;
};

export function list<T>(item: Reader<T>): Reader<T[]> {
  return (node) => {
    if (node.kind !== 'list') throw expected('a list', node);
    return node.items.map(item);
  };
}

/** Values under names that the file's author chooses. */
export function table<T>(value: Reader<T>): Reader<Record<string, T>> {
  return (node) => {
    if (node.kind !== 'map') throw expected('a mapping of names to values', node);
    return Object.fromEntries([...node.entries].map(([key, entry]) => [key, value(entry)]));
  };
}

/** A mapping with known keys; one without a value counts as not given. */
export class Fields {
  private readonly entries: ReadonlyMap<string, Node>;
  readonly line: number;

  constructor(
    node: Node,
    private readonly what: string,
    known: readonly string[],
  ) {
    if (node.kind !== 'map') throw expected(`${what}, a mapping`, node);
    this.entries = node.entries;
    this.line = node.line;
    for (const [key, value] of node.entries) {
      if (!known.includes(key)) {
        throw new ConfigError(`${what} has no key \`${key}\`: it may have ${known.join(', ')}`, value.line);
      }
    }
  }

  node(key: string): Node | undefined {
    const node = this.entries.get(key);
    return node && node.kind !== 'null' ? node : undefined;
  }

  optional<T>(key: string, reader: Reader<T>): T | undefined {
    const node = this.node(key);
    return node && reader(node);
  }

  or<T>(key: string, reader: Reader<T>, absent: T): T {
    return this.optional(key, reader) ?? absent;
  }

  required<T>(key: string, reader: Reader<T>): T {
    const node = this.node(key);
    if (!node) throw new ConfigError(`${this.what} needs \`${key}\``, this.line);
    return reader(node);
  }
}
