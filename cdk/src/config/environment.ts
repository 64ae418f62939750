/** An environment of lamex.yaml, resolved: the types that the app works with. */

/** The environment that is always there: lamex-ctl's embedded Lambda. Nothing is deployed for it. */
export const LOCAL = 'local';

/** What every environment has. */
export interface Settings {
  readonly name: string;
  /** The function's environment variables, without `LAMEX_ALLOW_DESTRUCTIVE`. */
  readonly env: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  /** Of one invocation, in seconds. */
  readonly timeoutS: number;
  /** Whether commands marked `destructive` may run here. */
  readonly allowDestructive: boolean;
}

/** The embedded Lambda of whoever runs lamex-ctl. */
export interface LocalEnvironment extends Settings {
  readonly name: typeof LOCAL;
}

/** A function on AWS and what is built around it. */
export interface DeployedEnvironment extends Settings {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  readonly profile: string | null;
  readonly function: string;
  /** The alias or version that lamex-ctl invokes. */
  readonly qualifier: string;
  readonly invoke: 'stream' | 'buffered' | 'auto';
  readonly endpointUrl: string | null;
  readonly protected: boolean;
  readonly vpc: VpcSettings | null;
  readonly reach: readonly ReachSettings[];
  readonly ephemeralStorageMb: number;
  readonly architecture: 'x86_64' | 'arm64';
  readonly role: RoleSettings;
  readonly artifactsBucket: string | null;
  /** The KMS key that the bucket encrypts with. */
  readonly artifactsKmsKeyArn: string | null;
  readonly logRetentionDays: number;
  /** When the function runs all tests by itself, as EventBridge Scheduler reads it. */
  readonly schedule: string | null;
  /** An IANA name. */
  readonly scheduleTimezone: string;
  /** Tags of the AWS resources. */
  readonly tags: Readonly<Record<string, string>>;
}

export type Environment = LocalEnvironment | DeployedEnvironment;

export interface VpcSettings {
  readonly id: string;
  readonly subnetIds: readonly string[];
  readonly extraSecurityGroupIds: readonly string[];
}

/** What an egress rule allows: exactly one of these. */
export type Destination =
  | { readonly securityGroupId: string }
  | { readonly cidr: string }
  | { readonly ipv6Cidr: string }
  | { readonly prefixListId: string };

/** Something that the tests must reach. */
export type ReachSettings = Destination & {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  /** How far a probe of `lamex-ctl doctor` goes; `null` over UDP. */
  readonly check: 'tcp' | 'tls' | 'http' | 'grpc' | null;
  /** Whether the check `grpc` is made over TLS. */
  readonly tls: boolean;
};

export interface RoleSettings {
  readonly policyArns: readonly string[];
  readonly statements: readonly StatementSettings[];
}

export interface StatementSettings {
  readonly effect: 'Allow' | 'Deny';
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Values by condition key, by operator. */
  readonly conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}
