/** `cdk deploy -c env=staging -c config=../lamex.yaml`, and with `-c stack=account` what the account has once. */

import { App } from 'aws-cdk-lib';
import { LamexYaml } from './config/lamex-yaml';
import { accountStackSettings, Context, stackSettings } from './context';
import { LamexAccountStack } from './lamex-account-stack';
import { LamexStack } from './lamex-stack';

function build(app: App): void {
  const context = new Context(app.node);
  const file = LamexYaml.fromFile(context.text('config') ?? '../lamex.yaml');
  const name = context.text('env');
  if (name === undefined) {
    const names = [...file.environments.keys()].filter((known) => known !== 'local').join(', ');
    throw new Error(`which environment? Say it with \`-c env=NAME\`; ${file.path} has ${names || 'none'}`);
  }
  const environment = file.deployedEnvironment(name);
  // One of them at a time, so that neither is taken along when the other is deleted.
  const which = context.text('stack') ?? 'environment';
  if (which === 'account') new LamexAccountStack(app, { ...accountStackSettings(context), environment });
  else if (which === 'environment') new LamexStack(app, { ...stackSettings(context), environment });
  else throw new Error(`the context \`stack\` is \`environment\` or \`account\`, not \`${which}\``);
}

try {
  build(new App());
} catch (error) {
  // Whoever deploys wants to know what to write elsewhere; the stack of calls says nothing about that.
  process.stderr.write(`lamex: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
