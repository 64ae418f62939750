/** What the app is told by `cdk -c KEY=VALUE` or the `context` of cdk.json, read once. */

import type { Node } from 'constructs';
import type { LamexStackProps } from './lamex-stack';
import type { GatewayService } from './lamex-vpc-endpoints';

/** Text from the command line; values of any kind from cdk.json. */
export class Context {
  constructor(private readonly node: Node) {}

  text(key: string): string | undefined {
    const value: unknown = this.node.tryGetContext(key);
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string' && value !== '') return value;
    throw new Error(`the context \`${key}\` must be text, not ${JSON.stringify(value)}`);
  }

  flag(key: string): boolean | undefined {
    const value: unknown = this.node.tryGetContext(key);
    if (value === undefined || typeof value === 'boolean') return value;
    if (value === 'true' || value === 'false') return value === 'true';
    throw new Error(`the context \`${key}\` must be true or false, not ${JSON.stringify(value)}`);
  }

  /** Separated by commas on the command line. */
  list(key: string): string[] | undefined {
    const value: unknown = this.node.tryGetContext(key);
    if (value === undefined) return undefined;
    const items: unknown[] = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [];
    const texts = items.filter((item): item is string => typeof item === 'string' && item !== '');
    if (texts.length === 0 || texts.length < items.length) {
      throw new Error(`the context \`${key}\` must be a list of texts, not ${JSON.stringify(value)}`);
    }
    return texts;
  }

  wholeNumber(key: string): number | undefined {
    const value: unknown = this.node.tryGetContext(key);
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && /^[0-9]+$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isInteger(number)) return number;
    throw new Error(`the context \`${key}\` must be a whole number, not ${JSON.stringify(value)}`);
  }
}

/** The settings of a stack that are not in lamex.yaml, under the names of Terraform's variables. */
export function stackSettings(context: Context): Omit<LamexStackProps, 'environment'> {
  const subjects = context.list('ci_subjects');
  const gatewayServices = context.list('gateway_services');
  const interfaceServices = context.list('interface_services');
  return {
    vpcName: context.text('vpc_name'),
    allowIngressOnTargets: context.flag('allow_ingress_on_targets'),
    reservedConcurrency: context.wholeNumber('reserved_concurrency'),
    tracing: context.flag('tracing'),
    dualStack: context.flag('dual_stack'),
    logKmsKeyArn: context.text('log_kms_key_arn'),
    permissionsBoundaryArn: context.text('permissions_boundary_arn'),
    endpoints: (gatewayServices ?? interfaceServices) && {
      // The construct refuses others.
      gatewayServices: gatewayServices as GatewayService[] | undefined,
      interfaceServices,
      routeTableIds: context.list('route_table_ids'),
      privateDns: context.flag('private_dns'),
    },
    ciAccess: subjects && {
      subjects,
      issuer: context.text('ci_issuer'),
      audience: context.text('ci_audience'),
      oidcProviderArn: context.text('ci_oidc_provider_arn'),
    },
  };
}
