/** Alarms on runs that nobody waits for: those of a schedule, and other plain invocations of what is live. */

import { Duration, Token } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { type LamexRunner, LIVE } from './lamex-runner';
import type { LamexSchedule } from './lamex-schedule';
import { alarmName } from './names';

export interface LamexAlarmsProps {
  /** The runner whose invocations are watched. */
  readonly runner: LamexRunner;

  /**
   * The SNS topics to notify, one to five, in the function's region. The key of an encrypted topic must admit
   * cloudwatch.amazonaws.com.
   */
  readonly topicArns: readonly string[];

  /**
   * The function's schedule, to tell also of an invocation that EventBridge Scheduler could not make.
   *
   * @default - none
   */
  readonly schedule?: LamexSchedule;
}

/** CloudWatch's limit on the actions of an alarm. */
const MAX_TOPICS = 5;

/**
 * One alarm each for runs that did not pass, for throttled invocations, for events that were given up, and, where there is
 * a schedule, for invocations that it could not make. A verdict that `lamex-ctl invoke` reads sets none of them off.
 */
export class LamexAlarms extends Construct {
  readonly errors: Alarm;
  readonly throttles: Alarm;
  readonly droppedEvents: Alarm;
  readonly schedule?: Alarm;

  constructor(scope: Construct, id: string, props: LamexAlarmsProps) {
    super(scope, id);
    const problem = topicsProblem(props.topicArns);
    if (problem) throw new Error(problem);
    const { functionName } = props.runner;
    const live = { FunctionName: functionName, Resource: `${functionName}:${LIVE}` };
    const lambda = 'AWS/Lambda';
    this.errors = this.alarm(
      props,
      'errors',
      metric(lambda, 'Errors', live),
      `A run of ${functionName} did not pass: its log ends in a summary with the verdict last.`,
    );
    this.throttles = this.alarm(
      props,
      'throttles',
      metric(lambda, 'Throttles', live),
      `An invocation of ${functionName} was throttled. A scheduled one is retried for up to six hours.`,
    );
    // Of the whole function: Lambda documents this metric for events, not for aliases.
    const dropped = metric(lambda, 'AsyncEventsDropped', { FunctionName: functionName });
    this.droppedEvents = this.alarm(
      props,
      'dropped-events',
      dropped,
      `An event of ${functionName} was dropped: its run did not pass, or it never ran.`,
    );
    if (props.schedule) {
      const ofGroup = { ScheduleGroup: props.schedule.groupName };
      const undelivered = metric('AWS/Scheduler', 'InvocationDroppedCount', ofGroup);
      this.schedule = this.alarm(
        props,
        'schedule',
        undelivered,
        `EventBridge Scheduler could not invoke ${functionName}: nothing ran.`,
      );
    }
  }

  private alarm(props: LamexAlarmsProps, what: string, of: Metric, alarmDescription: string): Alarm {
    const alarm = new Alarm(this, what, {
      alarmName: alarmName(props.runner.functionName, what, props.runner.namePrefix),
      alarmDescription,
      metric: of,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: 0,
      // Lambda says nothing while nothing runs.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    for (const alarmActionArn of new Set(props.topicArns)) {
      alarm.addAlarmAction({ bind: () => ({ alarmActionArn }) });
    }
    return alarm;
  }
}

/**
 * One hour of a metric. An error has the time at which its invocation began, up to 15 minutes before CloudWatch hears of
 * it: an alarm that looks at the last minutes alone would miss it.
 */
function metric(namespace: string, metricName: string, dimensionsMap: Record<string, string>): Metric {
  return new Metric({
    namespace,
    metricName,
    dimensionsMap,
    statistic: Stats.SUM,
    period: Duration.hours(1),
  });
}

function topicsProblem(arns: readonly string[]): string | undefined {
  if (arns.length < 1 || arns.length > MAX_TOPICS) {
    return `alarms tell 1 to ${MAX_TOPICS} topics, not ${arns.length}: this is CloudWatch's limit`;
  }
  const pattern = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]{1,256}$/;
  const wrong = arns.find((arn) => !Token.isUnresolved(arn) && !pattern.test(arn));
  return wrong === undefined ? undefined : `\`${wrong}\` is not one of the ARNs of SNS topics`;
}
