import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { App } from 'aws-cdk-lib';
import { Context, stackSettings } from '../src/context';

/** What `lamex-ctl doctor` prints for CDK, as its own tests write it down. */
const snippets: string[] = JSON.parse(
  readFileSync(resolve(__dirname, '../../../provision/doctor/snippets.json'), 'utf8'),
).cdk;

const isSetting = (snippet: string) => snippet.startsWith('"');

test('the settings that doctor prints are settings of the app', () => {
  const settings = snippets.filter(isSetting);
  assert.ok(settings.length > 0);
  for (const setting of settings) {
    const context = JSON.parse(`{ ${setting} }`) as Record<string, unknown>;
    const before = stackSettings(new Context(new App().node));
    assert.notDeepEqual(stackSettings(new Context(new App({ context }).node)), before, setting);
  }
});

test('the statements that doctor prints compile', () => {
  const methods = snippets
    .filter((snippet) => !isSetting(snippet))
    .map((snippet, index) => {
      const body = snippet.includes('// ec2.Vpc') ? `new ec2.Vpc(this, 'Vpc', {\n${snippet}\n});` : snippet;
      return `s${index}(acl: ec2.NetworkAcl, zone: route53.PrivateHostedZone, vpc: ec2.IVpc) {\n${body}\n}`;
    });
  assert.ok(methods.length > 0);
  const folder = mkdtempSync(join(__dirname, 'doctor-'));
  try {
    const head = "import { aws_ec2 as ec2, aws_route53 as route53, Stack } from 'aws-cdk-lib';\n";
    writeFileSync(
      join(folder, 'printed.ts'),
      `${head}export class Printed extends Stack {\n${methods.join('\n')}\n}\n`,
    );
    const compilerOptions = { noEmit: true, rootDir: '.', noUnusedParameters: false };
    const config = { extends: '../../../tsconfig.json', compilerOptions, files: ['printed.ts'], include: [] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const tsc = resolve(__dirname, '../../node_modules/.bin/tsc');
    execFileSync(tsc, ['--project', folder], { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    assert.fail((error as { stdout?: string }).stdout || String(error));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
