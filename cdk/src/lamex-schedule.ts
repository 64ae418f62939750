/** The schedule by which a function runs all its tests by itself, every night for example. */

import { Stack, Token } from 'aws-cdk-lib';
import {
  type IManagedPolicy,
  PolicyDocument,
  PolicyStatement,
  Role,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { scheduleProblem } from './config/schedule';
import { existingProblem } from './existing';
import type { LamexRunner } from './lamex-runner';
import { checkScheduledName, scheduleGroupArn, scheduleName } from './names';

export interface LamexScheduleProps {
  /** The runner whose alias `live` is invoked. Prefix and name of its function have at most 49 characters together. */
  readonly runner: LamexRunner;

  /**
   * When to run, as EventBridge Scheduler reads it: `cron(0 3 * * ? *)`, `rate(12 hours)`, or `at(2030-01-31T03:00:00)`
   * for a single run.
   */
  readonly schedule: string;

  /**
   * The time zone of the schedule, by its IANA name.
   *
   * @default 'UTC'
   */
  readonly timezone?: string;

  /**
   * The path of the role, such as `/service/`.
   *
   * @default '/'
   */
  readonly rolePath?: string;

  /**
   * The permissions boundary of the role.
   *
   * @default - none
   */
  readonly permissionsBoundary?: IManagedPolicy;
}

/**
 * A schedule of EventBridge Scheduler that invokes the alias `live` with `{}`, a plain invocation: every command that is
 * not destructive runs, once. Not CDK's own constructs, whose role may invoke more than the alias.
 */
export class LamexSchedule extends Construct {
  readonly group: CfnScheduleGroup;
  readonly groupName: string;
  readonly role: Role;
  readonly schedule: CfnSchedule;

  constructor(scope: Construct, id: string, props: LamexScheduleProps) {
    super(scope, id);
    const { runner } = props;
    checkScheduledName(runner.functionName, runner.namePrefix);
    const problem = Token.isUnresolved(props.schedule) ? undefined : scheduleProblem(props.schedule);
    if (problem) throw new Error(`\`${props.schedule}\` is no schedule: ${problem}`);
    const roleProblem = existingProblem(Stack.of(this), {
      functionName: runner.functionName,
      rolePath: props.rolePath,
      permissionsBoundaryArn: props.permissionsBoundary?.managedPolicyArn,
    });
    if (roleProblem) throw new Error(roleProblem);
    this.groupName = scheduleName(runner.functionName, runner.namePrefix);
    // Of its own: the metrics of schedules are those of their group, and the role trusts a group.
    this.group = new CfnScheduleGroup(this, 'Group', { name: this.groupName });
    this.role = this.createRole(props);
    this.schedule = new CfnSchedule(this, 'Schedule', {
      name: this.groupName,
      description: `Runs all tests of the function ${runner.functionName}.`,
      groupName: this.group.ref,
      scheduleExpression: props.schedule,
      scheduleExpressionTimezone: props.timezone ?? 'UTC',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: runner.alias.functionArn,
        roleArn: this.role.roleArn,
        // A plain invocation.
        input: '{}',
        // Nothing runs twice: a request whose answer was lost may have started the tests. The shortest age that there is.
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    });
  }

  private createRole({ runner, rolePath, permissionsBoundary }: LamexScheduleProps): Role {
    const stack = Stack.of(this);
    return new Role(this, 'Role', {
      roleName: this.groupName,
      path: rolePath === '/' ? undefined : rolePath,
      description: `EventBridge Scheduler invokes the function ${runner.functionName}.`,
      // For this group of schedules alone. EventBridge Scheduler names the group here, never a single schedule.
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: {
            'aws:SourceAccount': stack.account,
            'aws:SourceArn': scheduleGroupArn(stack, this.groupName),
          },
        },
      }),
      inlinePolicies: {
        lamex: new PolicyDocument({
          statements: [
            new PolicyStatement({
              sid: 'InvokeWhatIsLive',
              actions: ['lambda:InvokeFunction'],
              resources: [runner.alias.functionArn],
            }),
          ],
        }),
      },
      permissionsBoundary,
    });
  }
}
