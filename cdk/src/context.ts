/** What the app is told by `cdk -c KEY=VALUE` or the `context` of cdk.json, read once. */

import { Duration } from 'aws-cdk-lib';
import type { Node as ConstructNode } from 'constructs';
import { ConfigError } from './config/error';
import { parse } from './config/node';
import { Fields, flag, list, oneOf, type Reader, text, wholeNumber } from './config/values';
import type { ArtifactBucketSettings, LamexAccountStackProps } from './lamex-account-stack';
import type { LamexOidcProviderProps } from './lamex-oidc-provider';
import type { CiAccessSettings, EndpointSettings, LamexStackProps } from './lamex-stack';

/** Text from the command line, where YAML says what it means; values of any kind from cdk.json. */
export class Context {
  constructor(private readonly node: ConstructNode) {}

  /** Whole text, whatever it looks like. */
  text(key: string): string | undefined {
    const value: unknown = this.node.tryGetContext(key);
    if (value === undefined || (typeof value === 'string' && value !== '')) return value;
    throw new Error(`the context \`${key}\` must be text, not ${JSON.stringify(value)}`);
  }

  value<T>(key: string, reader: Reader<T>): T | undefined {
    const value: unknown = this.node.tryGetContext(key);
    if (value === undefined) return undefined;
    try {
      // JSON is YAML as well.
      return reader(parse(typeof value === 'string' ? value : JSON.stringify(value)));
    } catch (error) {
      throw error instanceof ConfigError ? new Error(`the context \`${key}\`: ${error.problem}`) : error;
    }
  }
}

const texts = list(text());

const endpoints: Reader<EndpointSettings> = (node) => {
  const fields = new Fields(node, '`vpc_endpoints`', [
    ...['gateway_services', 'route_table_ids', 'prefix_list_ids', 'interface_services', 'subnet_ids'],
    ...['private_dns', 'further_security_group_ids'],
  ]);
  return {
    gatewayServices: fields.optional('gateway_services', list(oneOf('a service', 's3', 'dynamodb'))),
    routeTableIds: fields.optional('route_table_ids', texts),
    prefixListIds: fields.optional('prefix_list_ids', (lists) => {
      const services = new Fields(lists, '`prefix_list_ids`', ['s3', 'dynamodb']);
      return { s3: services.optional('s3', text()), dynamodb: services.optional('dynamodb', text()) };
    }),
    interfaceServices: fields.optional('interface_services', texts),
    subnetIds: fields.optional('subnet_ids', texts),
    privateDns: fields.optional('private_dns', flag),
    furtherSecurityGroupIds: fields.optional('further_security_group_ids', texts),
  };
};

const ciAccess: Reader<CiAccessSettings> = (node) => {
  const fields = new Fields(node, '`ci_access`', [
    ...['subjects', 'issuer', 'audience', 'oidc_provider_arn', 'oidc_provider_in_stack', 'max_session_hours'],
  ]);
  const hours = fields.optional('max_session_hours', wholeNumber('the hours of a session', 1, 12));
  return {
    subjects: fields.required('subjects', texts),
    issuer: fields.optional('issuer', text()),
    audience: fields.optional('audience', text()),
    oidcProviderArn: fields.optional('oidc_provider_arn', text()),
    oidcProviderInStack: fields.optional('oidc_provider_in_stack', flag),
    maxSession: hours === undefined ? undefined : Duration.hours(hours),
  };
};

const oidcProvider: Reader<LamexOidcProviderProps> = (node) => {
  const fields = new Fields(node, '`oidc_provider`', ['issuer', 'audiences', 'thumbprints']);
  return {
    issuer: fields.optional('issuer', text()),
    audiences: fields.optional('audiences', texts),
    thumbprints: fields.optional('thumbprints', texts),
  };
};

const artifactBucket: Reader<ArtifactBucketSettings> = (node) => {
  const keys = ['expire_after_days', 'expire_noncurrent_after_days'];
  const fields = new Fields(node, '`artifact_bucket`', keys);
  const days = (key: string) => {
    const given = fields.optional(key, wholeNumber(`\`${key}\``, 1, MAX_DAYS));
    return given === undefined ? undefined : Duration.days(given);
  };
  return {
    expireAfter: days('expire_after_days'),
    expireNoncurrentAfter: days('expire_noncurrent_after_days'),
  };
};

/** What S3 takes. */
const MAX_DAYS = 2_147_483_647;

/** The settings of the stack of what an account has once: names and keys are those of Terraform's variables. */
export function accountStackSettings(context: Context): Omit<LamexAccountStackProps, 'environment'> {
  return {
    oidcProvider: context.value('oidc_provider', oidcProvider),
    artifactBucket: context.value('artifact_bucket', artifactBucket),
  };
}

/** The settings of a stack that are not in lamex.yaml: names and keys are those of Terraform's variables. */
export function stackSettings(context: Context): Omit<LamexStackProps, 'environment'> {
  return {
    vpcName: context.text('vpc_name'),
    allowIngressOnTargets: context.value('allow_ingress_on_targets', flag),
    namePrefix: context.text('name_prefix'),
    securityGroupIds: context.value('security_group_ids', texts),
    securityGroupName: context.text('security_group_name'),
    reservedConcurrency: context.value(
      'reserved_concurrency',
      wholeNumber('reserved concurrency', 1, 100_000),
    ),
    tracing: context.value('tracing', flag),
    dualStack: context.value('dual_stack', flag),
    layers: context.value('layers', texts),
    kmsKeyArn: context.text('kms_key_arn'),
    logGroupName: context.text('log_group_name'),
    logKmsKeyArn: context.text('log_kms_key_arn'),
    roleArn: context.text('role_arn'),
    rolePath: context.text('role_path'),
    permissionsBoundaryArn: context.text('permissions_boundary_arn'),
    alarmTopicArns: context.value('alarm_topic_arns', texts),
    endpoints: context.value('vpc_endpoints', endpoints),
    ciAccess: context.value('ci_access', ciAccess),
  };
}
