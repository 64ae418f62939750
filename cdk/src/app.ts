/** `cdk deploy -c env=staging -c config=../lamex.yaml` */

import { App } from 'aws-cdk-lib';
import { LamexYaml } from './config/lamex-yaml';
import { Context, stackSettings } from './context';
import { LamexStack } from './lamex-stack';

function build(app: App): void {
  const context = new Context(app.node);
  const file = LamexYaml.fromFile(context.text('config') ?? '../lamex.yaml');
  const name = context.text('env');
  if (name === undefined) {
    const names = [...file.environments.keys()].filter((known) => known !== 'local').join(', ');
    throw new Error(`which environment? Say it with \`-c env=NAME\`; ${file.path} has ${names || 'none'}`);
  }
  new LamexStack(app, { ...stackSettings(context), environment: file.deployedEnvironment(name) });
}

try {
  build(new App());
} catch (error) {
  // Whoever deploys wants to know what to write elsewhere; the stack of calls says nothing about that.
  process.stderr.write(`lamex: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
