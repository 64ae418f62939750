/** `defaults:` under an environment: mappings by key, everything else replaced. */

import type { Node } from './node';

/** What the environment says, with what it does not say taken from the defaults. A key without a value says nothing. */
export function under(environment: Node, defaults: Node | undefined): Node {
  if (!defaults) return environment;
  if (environment.kind === 'null') return defaults;
  if (environment.kind !== 'map' || defaults.kind !== 'map') return environment;
  const merged = new Map(environment.entries);
  for (const [key, value] of defaults.entries) {
    const own = merged.get(key);
    merged.set(key, own ? under(own, value) : value);
  }
  return { kind: 'map', entries: merged, line: environment.line };
}
