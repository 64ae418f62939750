/** What lamex has for CDK apps. */

export type { DeployedEnvironment, Environment, LocalEnvironment } from './config/environment';
export { ConfigError } from './config/error';
export { LamexYaml } from './config/lamex-yaml';
export type { Reach } from './egress';
export {
  type ArtifactBucketSettings,
  LamexAccountStack,
  type LamexAccountStackProps,
} from './lamex-account-stack';
export { LamexAlarms, type LamexAlarmsProps } from './lamex-alarms';
export { LamexArtifactBucket, type LamexArtifactBucketProps } from './lamex-artifact-bucket';
export { LamexCiAccess, type LamexCiAccessProps } from './lamex-ci-access';
export { LamexOidcProvider, type LamexOidcProviderProps } from './lamex-oidc-provider';
export { LamexRunner, LIVE } from './lamex-runner';
export type { LamexRunnerProps } from './lamex-runner-props';
export { LamexSchedule, type LamexScheduleProps } from './lamex-schedule';
export {
  type CiAccessSettings,
  type EndpointSettings,
  LamexStack,
  type LamexStackProps,
} from './lamex-stack';
export { type GatewayService, LamexVpcEndpoints, type LamexVpcEndpointsProps } from './lamex-vpc-endpoints';
