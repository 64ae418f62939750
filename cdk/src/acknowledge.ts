/** Wildcards in policies, acknowledged for cdk-nag's AwsSolutions rules where they are written. */

import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Says why a role's policy has this resource, which has a wildcard in it. */
export function acknowledgeWildcard(role: IConstruct, resource: string, reason: string): void {
  const written: unknown = Stack.of(role).resolve(resource);
  Validations.of(role).acknowledge({ id: `AwsSolutions-IAM5[Resource::${asNagWrites(written)}]`, reason });
}

/** cdk-nag names a finding by the resource, with references in angle brackets. */
function asNagWrites(resource: unknown): string {
  if (typeof resource === 'string') return resource;
  const intrinsic = resource as { Ref?: string; 'Fn::Join'?: [string, unknown[]] };
  const [separator, parts] = intrinsic['Fn::Join'] ?? ['', []];
  return intrinsic.Ref ? `<${intrinsic.Ref}>` : parts.map(asNagWrites).join(separator);
}
