/**
 * Reads the environments of a lamex.yaml, as lamex-ctl and the Terraform module do. What only lamex-ctl needs
 * (`package`, `commands`) is not looked at; `lamex-ctl config check` checks the whole file.
 */

import { readFileSync } from 'node:fs';
import { type DeployedEnvironment, type Environment, LOCAL } from './environment';
import { ConfigError } from './error';
import { under } from './merge';
import { type Node, parse } from './node';
import { checkDefaults, defaultsOfLocal, deployed, local } from './read-environment';
import { expected, Fields } from './values';

export class LamexYaml {
  /** Reads the file; a {@link ConfigError} names its place where it has a problem. */
  static fromFile(path: string): LamexYaml {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new ConfigError(`cannot be read: ${why}`, undefined, path);
    }
    return LamexYaml.parse(text, path);
  }

  /** Reads a file's text; `path` is for messages. */
  static parse(text: string, path = 'lamex.yaml'): LamexYaml {
    try {
      return new LamexYaml(path, environments(parse(text)));
    } catch (error) {
      throw error instanceof ConfigError ? error.in(path) : error;
    }
  }

  private constructor(
    readonly path: string,
    /** By name, `local` among them. */
    readonly environments: ReadonlyMap<string, Environment>,
  ) {}

  environment(name: string): Environment {
    const environment = this.environments.get(name);
    if (environment) return environment;
    const names = [...this.environments.keys()].join(', ');
    throw new ConfigError(`there is no environment \`${name}\`: it has ${names}`, undefined, this.path);
  }

  /** The environment, where it is one that can be deployed. */
  deployedEnvironment(name: string): DeployedEnvironment {
    const environment = this.environment(name);
    if ('function' in environment) return environment;
    const problem = `\`${LOCAL}\` is the Lambda that lamex-ctl runs itself: there is nothing to deploy`;
    throw new ConfigError(problem, undefined, this.path);
  }
}

function environments(root: Node): Map<string, Environment> {
  if (root.kind === 'null') throw new ConfigError('the file is empty');
  const file = new Fields(root, 'lamex.yaml', [
    'package',
    'commands',
    'fail_fast',
    'defaults',
    'environments',
  ]);
  const defaults = file.node('defaults');
  if (defaults) checkDefaults(defaults);
  const named = file.node('environments');
  if (named && named.kind !== 'map') throw expected('a mapping of environment names to environments', named);
  const own = named?.entries ?? new Map<string, Node>();
  const empty: Node = { kind: 'map', entries: new Map(), line: root.line };
  const ownLocal = own.get(LOCAL) ?? empty;
  const merged = under(ownLocal.kind === 'null' ? empty : ownLocal, defaults && defaultsOfLocal(defaults));
  const resolved = new Map<string, Environment>([[LOCAL, local(merged)]]);
  for (const [name, node] of own) {
    if (name === LOCAL) continue;
    const given = node.kind === 'null' ? { ...empty, line: node.line } : node;
    resolved.set(name, deployed(name, under(given, defaults)));
  }
  return resolved;
}
