/** What `npm ci` installs: exactly this, from whichever registry is the installer's own. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { REPOSITORY } from './fixture';

const read = (name: string) => JSON.parse(readFileSync(join(REPOSITORY, 'cdk', name), 'utf8'));

test('the lock file names no registry, and a digest for everything', () => {
  const packages: Record<string, { resolved?: string; integrity?: string; inBundle?: boolean }> =
    read('package-lock.json').packages;
  for (const [path, { resolved, integrity, inBundle }] of Object.entries(packages)) {
    assert.equal(resolved, undefined, path);
    assert.ok(path === '' || inBundle || integrity, path);
  }
});

test('versions are exact', () => {
  const { dependencies, devDependencies } = read('package.json');
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    assert.match(String(version), /^[0-9]+\.[0-9]+\.[0-9]+$/, name);
  }
});
